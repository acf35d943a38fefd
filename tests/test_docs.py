"""What the documentation shows is there, and its example works."""

import re
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from watchglass.builder.apps import load_app
from watchglass.builder.catalogue import BUILT_IN
from watchglass.builder.file import read_file
from watchglass.builder.validate import validate

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXAMPLES = DOCS / "examples"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
MOST_BYTES = 150_000
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if not link.startswith("http")]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_picture_is_small_and_shown() -> None:
    texts = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = sorted((DOCS / "pictures").glob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if f"pictures/{picture.name}" not in texts] == []
    assert [picture.name for picture in pictures if picture.stat().st_size > MOST_BYTES] == []


def test_the_component_of_the_example_is_the_one_that_is_shown() -> None:
    text = (DOCS / "bring-your-own-component.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert block == (EXAMPLES / "shop.py").read_text(encoding="utf-8")


def test_the_component_of_the_example_works_and_its_drawing_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    app = load_app("shop")
    (component,) = app.announced("watchglass-local")
    assert (component.type, component.name, component.task_queue) == (
        "write_receipt",
        "Write a receipt",
        "watchglass-local:shop",
    )
    run = app.components[0].activity
    given = {"number": "A-7", "amount": 12.5}
    assert ActivityEnvironment().run(run, given) == {"number": "R-A-7", "text": "12.50 EUR, with thanks"}
    graph = read_file((EXAMPLES / "receipt.yaml").read_text(encoding="utf-8")).graph
    assert graph is not None
    assert list(validate(graph, [*BUILT_IN, component], [])) == []
