"""A trained model and what is to be known about it."""

from dataclasses import asdict, dataclass

from landfall_jobs.parsing import Document


@dataclass(frozen=True)
class ModelCard:
    """What is to be known about a trained model.

    `version` is a hash of the model's content, so the same rows give the same version. `categories` maps a feature to
    its values, in order of their codes. `definition` is a hash of what the features and the target are, `data` says
    which versions of which tables were learnt from.
    """

    name: str
    version: str
    features: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]
    metrics: dict[str, float]
    rows: dict[str, int]
    window: dict[str, str]
    definition: str
    data: str
    contract_version: str
    trained_by: str


@dataclass(frozen=True)
class TrainedModel:
    """A model as LightGBM's own text, and its card."""

    text: str
    card: ModelCard


def card_document(card: ModelCard) -> dict[str, object]:
    """Give the card as JSON."""
    return asdict(card)


def parse_card(value: object) -> ModelCard:
    """Read a card from JSON; raise JobError for what is no card."""
    document = Document(value, "card.json")
    categories = document.document("categories")
    return ModelCard(
        name=document.get("name", str),
        version=document.get("version", str),
        features=document.texts("features"),
        categories={name: categories.texts(name) for name in categories.value},
        metrics=document.get("metrics", dict),
        rows=document.get("rows", dict),
        window=document.get("window", dict),
        definition=document.get("definition", str),
        data=document.get("data", str),
        contract_version=document.get("contract_version", str),
        trained_by=document.get("trained_by", str),
    )
