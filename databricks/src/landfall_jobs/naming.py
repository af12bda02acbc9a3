"""Names of columns, made of whatever files call them."""

import re
import unicodedata

LONGEST_NAME = 64


def snake(text: str) -> str:
    """Give a name of small letters, digits and underscores: `Pet No.` is pet_no, `orderID` order_id, `Größe` grosse."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    name = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")
    return (name if re.match(r"[a-z]", name) else f"c_{name}".rstrip("_"))[:LONGEST_NAME]


def free_name(name: str, taken: set[str]) -> str:
    """Give a name that is not taken: it, or it with the first number behind it that makes it one."""
    found, again = name, 2
    while found in taken:
        suffix = f"_{again}"
        found, again = name[: LONGEST_NAME - len(suffix)] + suffix, again + 1
    return found
