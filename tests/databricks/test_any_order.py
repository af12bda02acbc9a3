"""Whatever lands in whatever order, is corrected, retracted or fails: the tables say what the files that count say."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from landfall_jobs import tables

DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
PATHS = [f"things/{name}.csv" for name in "abcd"]
KEYS = 40


def contract_of(on_later_version, event_time):
    identity = {"key": ["id"], "on_later_version": on_later_version}
    if event_time:
        identity["event_time"] = "at"
    columns = [("id", "int"), ("at", "timestamp"), ("colour", "string"), ("size", "int")]
    return {
        "dataset": "things",
        "arrival": {"path": "things/*.csv", "format": "csv"},
        "columns": [{"name": n, "type": t, "nullable": n not in ("id", "at")} for n, t in columns],
        "rules": [],
        "identity": identity,
    }


class Story:
    """Random batches, and in plain Python what the files that count come to."""

    def __init__(self, lake, contract, seed):
        self.lake, self.contract, self.random = lake, contract, random.Random(seed)
        self.files = {}
        self.hour = 0

    def tell(self, batches):
        for number in range(1, batches + 1):
            self.batch(number)

    def batch(self, number):
        before = dict(self.files), dict(self.lake.published)
        refs = []
        for path in self.random.sample(PATHS, self.random.choice([1, 1, 2, 3])):
            self.hour += 1
            # Some files come late: they landed before others that were processed already.
            landed = DAY_ONE + timedelta(hours=self.hour - self.random.choice([0, 0, 0, 5]), minutes=self.hour)
            ref = {"path": path, "etag": f"0x{self.hour}", "sequencer": f"{self.hour:016x}"}
            ref["landed_at"] = landed.isoformat().replace("+00:00", "Z")
            if self.random.random() < 0.25:
                self.files.pop(path, None)
                ref["deleted"] = True
            else:
                rows = [self.row() for _ in range(self.random.randrange(3 * KEYS))]
                self.files[path] = (landed, rows)
                self.lake.land(path, "id,at,colour,size\n" + "".join(f"{','.join(map(str, r))}\n" for r in rows))
            refs.append(ref)
        cleansed, _ = self.lake.bring(self.contract, number, refs)
        for book in cleansed["files"]:
            assert book["read"] == book["loaded"] + book["quarantined"] + book["duplicates"] + book["superseded"]
        if self.random.random() < 0.2:
            # A batch that fails behind its commits: nothing of it may last. Its files are the ones before again.
            self.files, self.lake.published = before
            for path, (_, rows) in self.files.items():
                self.lake.land(path, "id,at,colour,size\n" + "".join(f"{','.join(map(str, r))}\n" for r in rows))

    def row(self):
        at = DAY_ONE + timedelta(days=self.random.randrange(4))
        size = self.random.choice(["", "1"])
        return self.random.randrange(KEYS), at.isoformat(), self.random.choice(["red", "blue"]), size

    def candidates(self):
        """Rows of each key, first to last."""
        found = {}
        for path, (landed, rows) in self.files.items():
            for line, (key, at, colour, size) in enumerate(rows, 2):
                when = datetime.fromisoformat(at)
                event = when if "event_time" in self.contract["identity"] else landed
                value = (when, colour, int(size) if size else None)
                found.setdefault(key, []).append(((event, landed, path, line), value))
        return {key: sorted(rows, key=lambda row: row[0]) for key, rows in found.items()}

    def latest(self):
        return {key: rows[-1][1] for key, rows in self.candidates().items()}

    def history(self):
        lines = {}
        timed = "event_time" in self.contract["identity"]
        for key, rows in self.candidates().items():
            at_once = {event: value for (event, *_), value in rows}
            versions = []
            for event, value in at_once.items():
                described = value[1:] if timed else value
                if not versions or versions[-1][1] != described:
                    versions.append((event, described))
            ends = [event for event, _ in versions[1:]] + [FOREVER]
            lines[key] = [(start, end, end == FOREVER, what) for (start, what), end in zip(versions, ends, strict=True)]
        return lines


def rows_of(spark, uri):
    return tables.read(spark, uri).toArrow().to_pylist() if tables.exists(uri) else []


def places(rows):
    return sorted((row["_file"], row["_line"]) for row in rows)


def check_places(spark, lake, story):
    """Silver and the reserve together hold each good row of each file that counts, once."""
    silver, reserve = rows_of(spark, lake.silver("things")), rows_of(spark, f"{lake.root}/reserve/things")
    expected = [(path, line) for path, (_, rows) in story.files.items() for line in range(2, len(rows) + 2)]
    assert places([*silver, *reserve]) == sorted(expected)
    return silver


def settle(lake, story, number):
    """One more batch, of a file that brings nothing: what a failed one has left goes."""
    ref = {"path": "things/none.csv", "etag": "0x0", "sequencer": "f" * 16, "landed_at": "2026-02-01T00:00:00Z"}
    lake.land("things/none.csv", "id,at,colour,size\n")
    lake.bring(story.contract, number, [ref])


@pytest.mark.parametrize(("seed", "event_time"), [(1, True), (2, False)])
def test_upserted_rows_are_those_of_a_plain_model(lake, spark, seed, event_time):
    story = Story(lake, contract_of("upsert", event_time), seed)
    story.tell(5)
    settle(lake, story, 6)
    silver = check_places(spark, lake, story)
    assert {row["id"]: (row["at"], row["colour"], row["size"]) for row in silver} == story.latest()


@pytest.mark.parametrize(("seed", "event_time"), [(3, True), (4, False)])
def test_the_history_is_that_of_a_plain_model(lake, spark, seed, event_time):
    story = Story(lake, contract_of("history", event_time), seed)
    story.tell(5)
    settle(lake, story, 6)
    silver = check_places(spark, lake, story)
    found = {}
    for row in sorted(silver, key=lambda row: (row["id"], row["valid_from"])):
        what = (row["colour"], row["size"]) if event_time else (row["at"], row["colour"], row["size"])
        found.setdefault(row["id"], []).append((row["valid_from"], row["valid_to"], row["is_current"], what))
    assert found == story.history()
