"""THIRD-PARTY-LICENSES.txt: the licence of everything that is linked into a binary, each text once."""

import re
from pathlib import Path

import components

NAMES = re.compile(r"(licen[cs]e|copying|notice|copyright|unlicense)", re.IGNORECASE)
# Texts of crates that state their licence but carry no file, and of what the compiler adds.
OWN_TEXTS = components.ROOT / "packaging/licences"


def write(target, file):
    crates, _ = components.crates(target)
    texts = {}
    for crate in crates:
        for text in texts_of(crate):
            texts.setdefault(normal(text), (text, []))[1].append(f"{crate.name} {crate.version}")
    for component in components.runtime(target):
        text = (OWN_TEXTS / f"{component.name}.txt").read_text()
        texts.setdefault(normal(text), (text, []))[1].append(component.name)

    sections = [
        "This program contains the following software of others. Licences that a component offers a choice of are\n"
        "given once, as MIT where it is among them."
    ]
    for text, users in sorted(texts.values(), key=lambda each: (each[1][0].lower(), each[0])):
        sections.append(wrap(users) + "\n\n" + text.strip("\n"))
    sections.append("In the pages that the program writes:\n\n" + browser_notices())
    file.write_text(("\n\n" + "-" * 100 + "\n\n").join(sections) + "\n")


def texts_of(crate):
    """The licence files of a crate, also of the C library in it."""
    files = [each for each in crate.folder.iterdir() if each.is_file() and NAMES.match(each.name)]
    if may_choose_mit(crate.licence):
        files = [each for each in files if "mit" in each.name.lower()] or files
    # Libraries that it carries: not their tests and tools, and not a licence of a word list or an icon.
    deep = (each for each in crate.folder.rglob("*") if NAMES.match(each.name) and each.is_file())
    files += [each for each in deep if each.parent != crate.folder and is_text(each) and not in_tests(each, crate)]
    texts = [each.read_text(errors="replace") for each in sorted(set(files)) if is_text(each)]
    return texts or [stated(crate)]


def may_choose_mit(licence):
    return "MIT" in re.split(r" OR ", licence) and " AND " not in licence


def is_text(file):
    return file.suffix.lower() not in (".c", ".h", ".html", ".py", ".rs", ".rtf", ".toml")


def in_tests(file, crate):
    return any(part in ("tests", "test", "testdata", "examples", "benches") for part in file.relative_to(crate.folder).parts)


def stated(crate):
    """The usual text of the licence that a crate names, with its authors."""
    options = re.split(r" OR ", crate.licence)
    name = "MIT" if "MIT" in options else options[0]
    file = OWN_TEXTS / f"{name}.txt"
    if not file.exists():
        raise SystemExit(f"{crate.name} {crate.version}: no licence file, and no packaging/licences/{name}.txt")
    authors = ", ".join(re.sub(r" <.*?>", "", each) for each in crate.authors) or f"the authors of {crate.name}"
    return file.read_text().replace("@AUTHORS@", authors)


def browser_notices():
    notices = list(Path(components.ROOT / "site/dist").rglob("THIRD-PARTY-NOTICES.txt"))
    if len(notices) != 1:
        raise SystemExit("site/dist has no THIRD-PARTY-NOTICES.txt: is the site bundled?")
    return notices[0].read_text().strip("\n")


def normal(text):
    """Texts that differ in white space only are one."""
    return " ".join(text.split())


def wrap(users):
    lines, line = [], ""
    for user in sorted(set(users)):
        if line and len(line) + len(user) + 2 > 100:
            lines.append(line + ",")
            line = user
        else:
            line = f"{line}, {user}" if line else user
    return "\n".join(lines + [line])
