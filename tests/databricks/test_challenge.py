"""Nightly retraining: what may take the champion's place, what may not, and kills in between."""

import random

import pytest
from landfall_jobs import storage, tables
from landfall_jobs.errors import JobError
from landfall_jobs.jobs import train
from landfall_jobs.model.champion import ChampionFiles
from landfall_jobs.model.mlflow_registry import MlflowRegistry
from landfall_jobs.model.registry import CHAMPION, PREVIOUS, registered_name

HEADER = "id,remark,price,paid,day,at\n"
CHALLENGE, ROLLBACK = {"mode": "challenge", "date": "2026-11-23"}, {"mode": "rollback", "date": "2026-11-23"}


@pytest.fixture
def modelled(orders):
    """Orders with a model that looks at the price only."""
    orders["rules"] = []
    orders["model"] = {
        "name": "is-paid",
        "target": "paid",
        "train_where": "paid IS NOT NULL",
        "features": [{"name": "price"}],
        "split": {"by": "at", "holdout_share": 0.25},
        "metric": "auc",
        "promote_when_better_by": 0.01,
        "prediction": "paid_risk",
    }
    return orders


def month(number, truth, rows=800):
    """Orders of a month, of which a share `truth` is paid just when the price is above five; the others are not."""
    draw = random.Random(number)
    lines = []
    for i in range(rows):
        price = draw.random() * 10
        paid = (price > 5) == (draw.random() < truth)
        at = f"2026-{number:02d}-{1 + i * 27 // rows:02d}T00:00:00Z"
        lines.append(f"{number * 10000 + i},pen,{price:.3f},{str(paid).lower()},,{at}\n")
    return HEADER + "".join(lines)


@pytest.fixture
def bring(lake, modelled):
    """Lands months, brings them through cleanse, training where it is asked for, and score."""

    def bring(number, content):
        path = f"orders/{number}.csv"
        lake.land(path, content)
        _, scored = lake.bring(modelled, number, [path])
        if scored.get("needs_training"):
            lake.run("train", modelled, number, [path])
            scored = lake.run("score", modelled, number, [path])
            lake.published["orders"] = scored["silver_version"]
        return scored

    return bring


def night(lake, contract, number, training=CHALLENGE):
    return lake.run("train", contract, number, [], training=training)


def registry():
    return MlflowRegistry(registered_name("orders", "is-paid"))


def in_use(lake):
    """The champion, by the registry and by the lake's copy."""
    found = registry().find(CHAMPION)
    return found.version, ChampionFiles(storage.join(lake.root, "models", "orders"), "is-paid").version()


def test_a_better_challenger_takes_the_champions_place_and_everything_is_scored_again(lake, modelled, bring, spark):
    first = bring(1, month(1, truth=0.55))["model"]["version"]
    bring(2, month(2, truth=0.95, rows=3000))
    result = night(lake, modelled, 3)
    assert (result["trained"], result["promoted"], result["rescore"]) == (True, True, True)
    assert result["champion"] == {"version": first, "registry_version": "1"}
    metrics = result["metrics"]
    assert metrics["auc"] - metrics["champion_auc"] == metrics["difference"] >= 0.01
    assert 0 < metrics["low"] < metrics["difference"] < metrics["high"]
    assert result["window"]["from"] < result["window"]["trained_to"] <= result["window"]["holdout_after"]
    assert in_use(lake) == (result["version"],) * 2
    assert registry().find(PREVIOUS).version == first

    rescored = lake.run("rescore", modelled, 4, [])
    assert rescored["rows"] == 3800
    assert rescored["model"] == {"name": "is-paid", "version": result["version"]}
    silver = tables.read(spark, lake.silver("orders"))
    assert silver.groupBy("_model_version", "_published_by").count().collect() == [
        (result["version"], "orders-00000004", 3800),
    ]
    assert silver.select("_file").distinct().count() == 2


def test_a_worse_challenger_is_registered_and_stays_out(lake, modelled, bring):
    first = bring(1, month(1, truth=0.95))["model"]["version"]
    bring(2, month(2, truth=0.05, rows=3000))
    bring(3, month(3, truth=0.95, rows=1600))
    result = night(lake, modelled, 4)
    assert (result["trained"], result["promoted"], result["rescore"]) == (True, False, False)
    assert result["metrics"]["difference"] < 0
    assert result["reason"].startswith("not better by 0.01: -")
    assert in_use(lake) == (first, first)
    registered = registry()._client.get_model_version(registered_name("orders", "is-paid"), "2")
    assert registered.tags["landfall_version"] == result["version"]
    assert float(registered.tags["landfall_difference"]) == result["metrics"]["difference"]


def test_a_challenger_that_is_better_by_less_than_the_margin_stays_out(lake, modelled, bring):
    first = bring(1, month(1, truth=0.55))["model"]["version"]
    bring(2, month(2, truth=0.95, rows=3000))
    modelled["model"]["promote_when_better_by"] = 0.9
    assert night(lake, modelled, 3)["promoted"] is False
    assert in_use(lake) == (first, first)
    modelled["model"]["promote_when_better_by"] = 0.01
    assert night(lake, modelled, 4)["promoted"] is True, "another margin is another question"


def test_what_has_not_changed_is_not_trained_on_again(lake, modelled, bring):
    first = bring(1, month(1, truth=0.9))["model"]["version"]
    same = night(lake, modelled, 2)
    assert (same["trained"], same["promoted"], same["version"]) == (True, False, first)
    assert same["reason"] == "the challenger is the champion: nothing new to learn"
    assert night(lake, modelled, 3)["reason"] == "unchanged"
    bring(4, month(2, truth=0.1, rows=3000))
    assert night(lake, modelled, 5)["trained"] is True
    again = night(lake, modelled, 6)
    assert (again["trained"], again["reason"]) == (False, "unchanged")
    forced = night(lake, modelled, 7, {**CHALLENGE, "force": True})
    assert forced["trained"] is True
    assert forced["metrics"]["difference"] < 0.01


@pytest.mark.parametrize("mode", [CHALLENGE, ROLLBACK])
def test_without_a_champion_nothing_happens(lake, modelled, mode):
    result = night(lake, modelled, 1, mode)
    assert (result["trained"], result["promoted"]) == (False, False)


def test_a_champion_on_other_features_is_left_to_the_next_batch(lake, modelled, bring):
    bring(1, month(1, truth=0.9))
    modelled["model"]["features"].append({"name": "id"})
    result = night(lake, modelled, 2)
    assert (result["trained"], result["promoted"]) == (False, False)
    assert "trained on other features" in result["reason"]


def test_rolling_back_puts_the_champion_before_into_use_and_it_stays_there(lake, modelled, bring):
    first = bring(1, month(1, truth=0.55))["model"]["version"]
    assert night(lake, modelled, 2, ROLLBACK)["reason"] == "there is no previous champion to go back to"
    bring(3, month(2, truth=0.95, rows=3000))
    second = night(lake, modelled, 4)["version"]
    for _ in range(2):  # a second attempt of the run does not go back to where it came from
        result = night(lake, modelled, 5, ROLLBACK)
        assert {key: result[key] for key in ("promoted", "rescore", "from", "to")} == {
            "promoted": True,
            "rescore": True,
            "from": second,
            "to": first,
        }
        assert in_use(lake) == (first, first)
    lake.published["orders"] = lake.run("rescore", modelled, 6, [])["silver_version"]
    stays = night(lake, modelled, 7)
    assert (stays["version"], stays["promoted"]) == (second, False)
    assert stays["reason"] == "this very model was rolled back; it stays so"
    assert night(lake, modelled, 8, ROLLBACK)["to"] == second


def test_an_alias_that_somebody_moved_in_the_registry_is_followed(lake, modelled, bring):
    first = bring(1, month(1, truth=0.55))["model"]["version"]
    bring(2, month(2, truth=0.95, rows=3000))
    night(lake, modelled, 3)
    registry()._client.set_registered_model_alias(registered_name("orders", "is-paid"), CHAMPION, "1")
    result = night(lake, modelled, 4)
    assert (result["trained"], result["promoted"], result["rescore"]) == (False, True, True)
    assert in_use(lake) == (first, first)


class Killed(BaseException):
    pass


def kill(*_, **__):
    raise Killed


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (MlflowRegistry, "_create_version"),
        (MlflowRegistry, "promote"),
        (ChampionFiles, "write"),
        (train, "_trained"),
    ],
    ids=["before the version", "between version and alias", "between alias and copy", "before the result"],
)
def test_a_night_that_is_killed_anywhere_ends_as_if_it_were_not(lake, modelled, bring, monkeypatch, target, name):
    first = bring(1, month(1, truth=0.55))["model"]["version"]
    bring(2, month(2, truth=0.95, rows=3000))
    with monkeypatch.context() as patch:
        patch.setattr(target, name, kill)
        with pytest.raises(Killed):
            night(lake, modelled, 3)
    result = night(lake, modelled, 3)
    assert (result["trained"], result["promoted"], result["registry_version"]) == (True, True, "2")
    assert result["champion"]["version"] == first
    assert result["metrics"]["low"] > 0
    assert in_use(lake) == (result["version"],) * 2
    assert registry().find(PREVIOUS).version == first
    versions = registry()._client.search_model_versions(f"name='{registered_name('orders', 'is-paid')}'")
    assert len(versions) == 2


def test_a_night_that_fails_leaves_the_champion(lake, modelled, bring, monkeypatch):
    first = bring(1, month(1, truth=0.55))["model"]["version"]
    bring(2, month(2, truth=0.95, rows=3000))
    monkeypatch.setattr("landfall_jobs.model.challenge.compare", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        night(lake, modelled, 3)
    assert in_use(lake) == (first, first)


def test_rescoring_twice_gives_the_same_and_a_failed_one_is_put_aside(lake, modelled, bring, spark):
    bring(1, month(1, truth=0.9))
    before = tables.read(spark, lake.silver("orders")).orderBy("id").collect()
    results = [lake.run("rescore", modelled, 2, []) for _ in range(2)]
    ours = [{k: v for k, v in r.items() if k not in ("seconds", "silver_version")} for r in results]
    assert ours[0] == ours[1]
    assert results[1]["silver_version"] == tables.version(lake.silver("orders"))
    staged = spark.read.parquet(results[1]["staged"])
    assert staged.columns == [column["name"] for column in results[1]["columns"]]
    assert staged.count() == results[1]["rows"] == 800
    lake.run("cleanse", modelled, 3, [])
    after = tables.read(spark, lake.silver("orders")).orderBy("id").collect()
    assert after == before


def test_rescoring_what_is_not_published_or_has_no_champion_says_so(lake, modelled, bring, orders):
    with pytest.raises(JobError, match="Nothing of orders is published"):
        lake.run("rescore", modelled, 1, [])
    bring(1, month(1, truth=0.9))
    modelled["model"]["features"].append({"name": "id"})
    assert lake.run("rescore", modelled, 2, [])["needs_training"] is True


def test_a_mode_that_is_none_is_refused(lake, modelled):
    with pytest.raises(JobError, match="mode is 'guess'; it must be one of first, challenge, rollback"):
        night(lake, modelled, 1, {"mode": "guess"})


def test_without_a_place_for_models_training_says_what_to_set(lake, modelled, bring, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    with pytest.raises(JobError, match="MLFLOW_TRACKING_URI is not set"):
        bring(1, month(1, truth=0.9))
