import json
from pathlib import Path

from landfall_jobs import cli, storage
from landfall_jobs.contracts.contract_file import parse_contract_file, read_schema

DATASETS = Path(__file__).parents[2] / "datasets"


def load_contract(dataset):
    """The contract as the app puts it into a context: with the text of its statements."""
    path = DATASETS / dataset / "dataset.yaml"
    return parse_contract_file(str(path), path.read_text(), read_schema(DATASETS)).with_statements()


# References of contracts that tests make up.
MADE_UP = {"remarks": {"word": "string", "kind": "string", "weight": "double"}}


def column_types(dataset):
    """Columns of a reference with their contract types, as the app puts them into a context."""
    if dataset in MADE_UP:
        return MADE_UP[dataset]
    return {column["name"]: column["type"] for column in load_contract(dataset)["columns"]}


def keeps_history(dataset):
    """Whether a reference keeps every version of a row, as the app tells."""
    return dataset not in MADE_UP and load_contract(dataset)["identity"]["on_later_version"] == "history"


def references_of(contract):
    """Names of the datasets that a contract refers to."""
    existing = [rule["exists_in"] for rule in contract["rules"] if "exists_in" in rule]
    return [c["dataset"] for c in [*contract.get("combine", []), *existing]]


class Lake:
    """Landing, lake and quarantine under one root, and runs of the jobs over them.

    `published` holds the version of each silver table that the last published batch left, as the app keeps it.
    """

    def __init__(self, landing, lake, quarantine):
        self.landing, self.root, self.quarantine = landing, lake, quarantine
        self.published = {}
        self._attempts = {}

    def land(self, path, content):
        storage.write_bytes(
            storage.join(self.landing, path), content if isinstance(content, bytes) else content.encode()
        )

    def context(self, step, contract, number, paths, **more):
        dataset = contract["dataset"]
        batch = f"{dataset}-{number:08d}"
        attempt = self._attempts[step, batch] = self._attempts.get((step, batch), 0) + 1
        files = [
            {
                "path": path,
                "etag": self._etag(path) or f"0x{number}",
                "size": 1,
                "sequencer": f"{number:016x}",
                "landed_at": "2026-01-01T00:00:00Z",
            }
            if isinstance(path, str)
            else path
            for path in paths
        ]
        return {
            "version": 1,
            "step": step,
            "run_id": f"run-{batch}",
            "attempt": attempt,
            "dataset": dataset,
            "contract": contract,
            "contract_version": "a1b2c3d4e5f6",
            "batch": {"id": batch, "number": number, "files": files},
            "roots": {"landing": self.landing, "lake": self.root, "quarantine": self.quarantine},
            "silver": {"version": self.published.get(dataset)},
            "references": {
                name: {
                    "silver": self.silver(name),
                    "version": self.published.get(name),
                    "columns": column_types(name),
                    **({"history": True} if keeps_history(name) else {}),
                }
                for name in references_of(contract)
            },
            "result_uri": storage.join(self.root, "runs", batch, f"{step}-{attempt}", "result.json"),
            **more,
        }

    def run(self, step, contract, number, paths, **more):
        """Write the context as the app does, and run the job as its entry point does."""
        context = self.context(step, contract, number, paths, **more)
        uri = context["result_uri"].replace("result.json", "context.json")
        storage.write_json(uri, context)
        return cli.run(step, uri)

    def bring(self, contract, number, paths, **more):
        """Cleanse and commit; the batch counts as published then."""
        cleansed = self.run("cleanse", contract, number, paths)
        scored = self.run("score", contract, number, paths, **more)
        if "silver_version" in scored:
            self.published[contract["dataset"]] = scored["silver_version"]
        return cleansed, scored

    def _etag(self, path):
        try:
            return storage.etag(storage.join(self.landing, path))
        except FileNotFoundError:
            return None

    def silver(self, dataset):
        return storage.join(self.root, "silver", dataset)

    def rejects(self, result):
        """The quarantined rows of a cleanse result."""
        folder = result["quarantine"]
        names = storage.list_files(folder) if folder else []
        return [
            json.loads(line)
            for name in names
            for line in storage.read_bytes(storage.join(folder, name)).decode().splitlines()
        ]
