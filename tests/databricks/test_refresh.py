"""A batch without files: what is published is scored and committed again."""

import pytest
from landfall_jobs import tables
from landfall_jobs.errors import JobError

HEADER = "id,remark,price,paid,day,at\n"
ROWS = "".join(f"{i},pen,{i}.5,{str(i % 2 == 0).lower()},,2026-01-{1 + i % 27:02d}T00:00:00Z\n" for i in range(300))


@pytest.fixture
def published(lake, orders):
    orders["rules"] = []
    lake.land("orders/1.csv", HEADER + ROWS)
    lake.bring(orders, 1, ["orders/1.csv"])
    return orders


def test_without_a_model_the_rows_are_staged_as_they_are(lake, published, spark):
    result = lake.run("rescore", published, 2, [])
    assert (result["rows"], result["model"]) == (300, None)
    silver = tables.read(spark, lake.silver("orders"))
    assert silver.groupBy("_file", "_batch", "_published_by").count().collect() == [
        ("orders/1.csv", "orders-00000001", "orders-00000002", 300)
    ]


def test_rows_that_a_failed_batch_left_do_not_come_back(lake, published, spark):
    lake.land("orders/2.csv", HEADER + "9000,pen,1,true,,2026-01-01T00:00:00Z\n")
    lake.run("cleanse", published, 2, ["orders/2.csv"])
    lake.run("score", published, 2, ["orders/2.csv"])
    assert tables.read(spark, lake.silver("orders")).count() == 301
    assert lake.run("rescore", published, 3, [])["rows"] == 300
    assert tables.read(spark, lake.silver("orders")).where("id = 9000").count() == 0


def test_a_model_of_another_definition_is_trained_on_what_is_published(lake, published):
    published["model"] = {
        "name": "is-paid",
        "target": "paid",
        "features": [{"name": "price"}],
        "split": {"by": "at", "holdout_share": 0.25},
        "metric": "auc",
        "promote_when_better_by": 0.01,
        "prediction": "paid_risk",
    }
    assert lake.run("rescore", published, 2, [])["needs_training"] is True
    trained = lake.run("train", published, 2, [])
    assert trained["trained"] is True
    assert lake.run("rescore", published, 2, [])["model"]["version"] == trained["version"]


def test_nothing_published_is_nothing_to_score(lake, orders):
    with pytest.raises(JobError, match="Nothing of orders is published"):
        lake.run("rescore", orders, 1, [])
