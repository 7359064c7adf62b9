"""Every Manifest and Collection that the test projects give, as iiif-prezi3 reads them: each must load without a warning,
and nothing of it may be lost or read as something else. The folders of documents are the arguments.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("error")

import iiif_prezi3  # noqa: E402: it must not warn either

CLASSES = {"Manifest": iiif_prezi3.Manifest, "Collection": iiif_prezi3.Collection}

# What the library (3.1.1) gives back as it likes, in documents of any origin (issue 5):
#   - it writes one @context, whatever was read;
#   - it knows "+00:00" only as "Z";
#   - it gives references to AnnotationPages and Canvases, and canvases without content, an empty list of items;
#   - it keeps what its first fitting class knows of a SpecificResource that is painted: not the source, not the class.
CHANGED_BY_IT = {"@context"}
LOST_BY_IT = {"source", "styleClass", "selector"}


def documents(root):
    """Manifests and Collections below a folder, by path."""
    for path in sorted(root.rglob("*.json")):
        if path.name.endswith(("manifest.json", "collection.json")):
            document = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(document, dict) and document.get("type") in CLASSES:
                yield path, document


def differences(ours, theirs, where=""):
    """Where what was read is not what was written."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours.keys() | theirs.keys():
            yield from difference(ours, theirs, key, f"{where}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs)):
            yield from differences(one, other, f"{where}/{index}")
    elif ours != theirs and not same_moment(ours, theirs):
        yield f"{where} is {theirs!r} and not {ours!r}"


def difference(ours, theirs, key, where):
    if key in CHANGED_BY_IT or (key not in ours and key == "items" and theirs[key] == []):
        return
    if key not in ours:
        yield f"{where} was not there"
    elif key in theirs:
        yield from differences(ours[key], theirs[key], where)
    elif not (ours.get("type") == "SpecificResource" and key in LOST_BY_IT):
        yield f"{where} is lost"


def same_moment(ours, theirs):
    return isinstance(ours, str) and ours.removesuffix("+00:00") + "Z" == theirs


def problems(document):
    try:
        read = CLASSES[document["type"]](**document)
    except Exception as error:  # whatever it says is what we want to know
        return [str(error)]
    return sorted(differences(document, json.loads(read.json())))


def main(roots):
    failed = 0
    for root in roots:
        read = list(documents(root))
        if not read:
            sys.exit(f"{root} has no documents")
        found = {path: problems(document) for path, document in read}
        for path, wrong in found.items():
            for problem in wrong:
                print(f"{path}: {problem}", file=sys.stderr)
        failed += sum(1 for wrong in found.values() if wrong)
        print(f"iiif-prezi3: {len(read)} documents of {root}")
    sys.exit(f"iiif-prezi3 has something against {failed} of them" if failed else 0)


if __name__ == "__main__":
    main([Path(root) for root in sys.argv[1:]])
