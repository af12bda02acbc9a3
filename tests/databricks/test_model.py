import numpy as np
import pyarrow as pa
import pytest
from landfall_jobs import tables
from landfall_jobs.errors import JobError
from landfall_jobs.model.matrix import learn_categories, to_matrix
from landfall_jobs.model.metrics import auc

HEADER = "id,remark,price,paid,day,at\n"


@pytest.fixture
def modelled(orders):
    """Orders with a model that a reference takes part in."""
    orders["rules"] = []
    orders["combine"] = [{"dataset": "remarks", "on": {"note": "word"}, "columns": {"weight": "weight"}}]
    orders["model"] = {
        "name": "is-paid",
        "target": "paid",
        "train_where": "paid IS NOT NULL",
        "features": [
            {"name": "note", "kind": "categorical"},
            {"name": "price"},
            {"name": "weight"},
            {"name": "double_price", "expression": "price * 2"},
        ],
        "split": {"by": "at", "holdout_share": 0.25},
        "metric": "auc",
        "promote_when_better_by": 0.0,
        "prediction": "paid_risk",
    }
    return orders


@pytest.fixture
def remarks():
    return {
        "dataset": "remarks",
        "arrival": {"path": "remarks/*.csv", "format": "csv"},
        "columns": [
            {"name": "word", "type": "string", "nullable": False},
            {"name": "kind", "type": "string", "nullable": False},
            {"name": "weight", "type": "double"},
        ],
        "rules": [],
        "identity": {"key": ["word", "kind"], "on_later_version": "upsert"},
    }


def rows(count, paid=lambda i: "true" if i % 3 else "false"):
    """Orders whose payment follows from the price."""
    return HEADER + "".join(
        f"{i},{'pen' if i % 2 else 'ink'},{i % 3}.5,{paid(i)},,2026-01-{1 + i * 27 // count:02d}T00:00:00Z\n"
        for i in range(1, count + 1)
    )


def test_auc_counts_the_pairs_in_order_with_ties_half():
    labels = np.array([0, 0, 1, 1, 1])
    scores = np.array([0.1, 0.4, 0.4, 0.8, 0.05])
    pairs = [(p, n) for p in scores[labels == 1] for n in scores[labels == 0]]
    expected = sum(1.0 if p > n else 0.5 if p == n else 0.0 for p, n in pairs) / len(pairs)
    assert auc(labels, scores) == pytest.approx(expected)
    with pytest.raises(ValueError, match="both classes"):
        auc(np.array([1, 1]), np.array([0.1, 0.2]))


def test_a_category_that_training_never_saw_and_a_null_are_missing():
    seen = {"carrier": pa.chunked_array([["B", "A", None, "B"]])}
    categories = learn_categories(seen, ["carrier"])
    assert categories == {"carrier": ("A", "B")}
    columns = {"carrier": pa.array(["B", "Z", None, "A"]), "age": pa.array([1.5, None, 3.0, 4.0])}
    matrix = to_matrix(columns, ["carrier", "age"], categories)
    assert np.array_equal(matrix, [[1, 1.5], [np.nan, np.nan], [np.nan, 3], [0, 4]], equal_nan=True)


def test_a_batch_is_trained_on_and_scored_even_while_a_reference_has_no_table(lake, modelled, spark):
    lake.land("orders/a.csv", rows(600))
    _, scored = lake.bring(modelled, 1, ["orders/a.csv"])
    assert scored["needs_training"] is True
    trained = lake.run("train", modelled, 1, ["orders/a.csv"])
    assert trained["trained"] is True
    assert trained["metrics"]["auc"] > 0.95
    assert trained["rows"]["train"] + trained["rows"]["holdout"] == 600
    result = lake.run("score", modelled, 1, ["orders/a.csv"])
    assert result["warnings"] == [
        {"rule": "reference-missing", "message": "remarks has no published rows yet: its columns are null"}
    ]
    silver = tables.read(spark, lake.silver("orders"))
    assert silver.where("(paid_risk > 0.5) = paid").count() == 600


@pytest.mark.parametrize(
    ("content", "reason"),
    [(rows(20), "20 rows have an outcome; 200 are needed"), (rows(300, lambda i: "true"), "do not hold both outcomes")],
)
def test_rows_that_give_no_model_are_a_result_and_scoring_goes_on_without(lake, modelled, spark, content, reason):
    lake.land("orders/a.csv", content)
    lake.bring(modelled, 1, ["orders/a.csv"])
    trained = lake.run("train", modelled, 1, ["orders/a.csv"])
    assert trained["trained"] is False
    assert reason in trained["reason"]
    scored = lake.run("score", modelled, 1, ["orders/a.csv"], model={"skip": True})
    assert scored["model"] is None
    assert scored["rows"] == content.count("\n") - 1
    assert tables.read(spark, lake.silver("orders")).where("paid_risk IS NULL").count() == scored["rows"]


def test_a_reference_with_several_rows_for_a_key_stops_the_batch_before_the_commit(lake, modelled, remarks):
    lake.land("remarks/a.csv", "word,kind,weight\npen,x,1\npen,y,2\n")
    lake.bring(remarks, 1, ["remarks/a.csv"])
    lake.land("orders/a.csv", rows(400))
    lake.bring(modelled, 1, ["orders/a.csv"])
    lake.run("train", modelled, 1, ["orders/a.csv"])
    with pytest.raises(JobError, match="one of remarks holds several rows for the columns that it is joined on"):
        lake.run("score", modelled, 1, ["orders/a.csv"])
    assert not tables.exists(lake.silver("orders"))


@pytest.mark.parametrize(
    "change",
    [
        lambda contract: contract["model"]["features"].pop(),
        lambda contract: contract["model"]["features"][3].update(expression="price * 3"),
        lambda contract: contract["model"]["features"][2].update(kind="categorical"),
        lambda contract: contract["model"].update(target="NOT paid"),
        lambda contract: contract["combine"][0]["columns"].update(weight="kind"),
    ],
)
def test_a_champion_that_was_trained_on_another_definition_is_not_applied_but_replaced(lake, modelled, change):
    lake.land("orders/a.csv", rows(400))
    lake.run("cleanse", modelled, 1, ["orders/a.csv"])
    first = lake.run("train", modelled, 1, ["orders/a.csv"])
    assert lake.run("score", modelled, 1, ["orders/a.csv"])["model"]["version"] == first["version"]
    change(modelled)
    asked = lake.run("score", modelled, 1, ["orders/a.csv"])
    assert asked["needs_training"] is True
    assert asked["reason"] == f"the champion {first['version']} was trained on other features than the contract's"
    lake.run("train", modelled, 1, ["orders/a.csv"])
    assert lake.run("score", modelled, 1, ["orders/a.csv"])["rows"] == 400


def test_a_change_that_the_features_are_not_made_of_keeps_the_champion(lake, modelled):
    lake.land("orders/a.csv", rows(400))
    lake.run("cleanse", modelled, 1, ["orders/a.csv"])
    lake.run("train", modelled, 1, ["orders/a.csv"])
    modelled["columns"][-1]["expression"] = "price * 4 / 2"
    modelled["model"].update(prediction="risk", promote_when_better_by=0.5)
    assert lake.run("score", modelled, 1, ["orders/a.csv"])["rows"] == 400
