"""Every link in the documents leads somewhere: to a file that is there, and to a heading that is in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changelog.d").glob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(page: Path) -> str:
    return CODE.sub("", FENCE.sub("", page.read_text("utf-8")))


def anchors(page: Path) -> set[str]:
    """Return the anchors that a forge makes of a page's headings: lower case, hyphens for blanks, no signs."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in LINK.findall(prose(page)):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("folder", ["decisions", "dialects"])
def test_every_page_of_a_shelf_is_on_its_list(folder: str) -> None:
    shelf = ROOT / "docs" / folder
    listed = {(shelf / link.partition("#")[0]).resolve() for link in LINK.findall(prose(shelf / "README.md"))}
    assert {page for page in shelf.glob("*.md") if page.name not in {"README.md", "template.md"}} - listed == set()


def test_the_readme_leads_to_every_shelf() -> None:
    links = set(LINK.findall(prose(ROOT / "README.md")))
    assert {"docs/architecture.md", "docs/glossary.md", "docs/decisions/", "docs/dialects/"} <= links
