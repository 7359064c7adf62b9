"""The SBOM of a binary as CycloneDX JSON: what is linked into it, from Cargo.lock and the sources, and nothing else."""

import datetime
import json
import uuid

import components


def write(target, file, epoch):
    own = components.package()
    crates, direct = components.crates(target)
    beside = components.c_libraries(crates) + components.browser_libraries() + components.runtime(target)
    purl = f"pkg:cargo/{own['name']}@{own['version']}"
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        # The same for the same release, so that the file is the same.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{purl}/{target}/{epoch}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": purl,
                "name": own["name"],
                "version": own["version"],
                "purl": purl,
                "licenses": [{"expression": own["license"]}],
                "properties": [{"name": "target", "value": target}],
            },
        },
        "components": [entry(each) for each in crates + beside],
        "dependencies": [{"ref": purl, "dependsOn": direct + [each.purl for each in beside]}]
        + [{"ref": each.purl, "dependsOn": each.depends_on} for each in crates],
    }
    file.write_text(json.dumps(document, indent=1) + "\n")


def entry(component):
    licence = component.licence
    is_expression = " " in licence
    result = {
        "type": "library",
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "purl": component.purl,
        "licenses": [{"expression": licence} if is_expression else {"license": {"id": licence}}],
    }
    if component.sha256:
        result["hashes"] = [{"alg": "SHA-256", "content": component.sha256}]
    if component.backports:
        resolves = [{"type": "security", "id": each} for each in component.backports]
        result["pedigree"] = {"patches": [{"type": "backport", "resolves": resolves}]}
    return result
