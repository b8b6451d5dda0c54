"""Write a message that a schema allows: everything filled, or a random part of it."""

from __future__ import annotations

import random
from pathlib import Path

from lxml import etree

from tests.connectors import waarden

XSD = "http://www.w3.org/2001/XMLSchema"
Node = etree._Element

_BUILT_IN = {
    "string": "a",
    "boolean": "true",
    "integer": "0",
    "long": "7",
    "short": "0",
    "decimal": "1",
    "dateTime": "2001-12-17T09:30:47Z",
    "base64Binary": "UjBsR09EbGg=",
    "anyURI": "https://leuven.be",
}
# A text for each pattern of the owner's schemas.
_PATTERNS = {
    r"[0-2,9][0-9]{3}-[0-1][0-9]-[0-3][0-9]": "2000-00-00",
    r"[0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]{3})?)?": "00:00",
    r"([0-9]{2}(\.)[0-9]{2}(\.)[0-9]{4})": "02.01.0000",
    r"[0-2,9][0-9]{3}": "2000",
    r"[0-9]{4}-[0-1,9][0-9]-[0-3,9][0-9]": "2000-99-99",
    r".{1,64}@[^@]{1,253}": "loket@leuven.test",
    r"#[0-9a-fA-F]{6}": "#00fF00",
    r"EPSG:[0-9]{1,6}": "EPSG:0",
    r"[-+]?(\d+.\d)": "1.0",
    r"[-+]?(\d+.\d\d)": "-1.25",
    r"[-+]?(\d+.\d\d\d)": "1.375",
    r"\p{N}{11}": "00000000000",
    r"[\p{N}]*": "30042",
    r"[0-9a-zA-Z_]{1,5}": "MAGDA",
    r"[\p{L}\p{N}\s\-]*": "3000",
    r"[0-9]{0,5}": "24062",
    r"[0-9a-zA-Z][0-9]{0,3}": "1",
}


class SchemaWriter:
    """Writes instances of one schema with all that it imports.

    `varied` fills a random instance with random texts too, up to their edges.
    """

    def __init__(self, schema: Path, *, varied: bool = False) -> None:
        self._varied = varied
        self._types: dict[tuple[str, str], tuple[Node, str]] = {}
        self._elements: dict[str, tuple[Node, str]] = {}
        self._seen: set[Path] = set()
        self.namespace = self._load(schema)

    def _load(self, path: Path) -> str:
        parser = etree.XMLParser(remove_comments=True)
        root = etree.parse(str(path), parser).getroot()
        namespace = root.get("targetNamespace") or ""
        if path in self._seen:
            return namespace
        self._seen.add(path)
        for node in root:
            if node.tag in (f"{{{XSD}}}import", f"{{{XSD}}}include"):
                self._load((path.parent / (node.get("schemaLocation") or "")).resolve())
            elif node.tag in (f"{{{XSD}}}complexType", f"{{{XSD}}}simpleType"):
                self._types[namespace, node.get("name") or ""] = (node, namespace)
            elif node.tag == f"{{{XSD}}}element":
                self._elements[node.get("name") or ""] = (node, namespace)
        return namespace

    def write(self, name: str, chance: random.Random | None = None, uses: int = 2) -> Node:
        """Write the root element `name`; without `chance` everything that may stand stands.

        What may repeat stands `uses` times.
        """
        declaration, namespace = self._elements[name]
        root = etree.Element(f"{{{namespace}}}{name}", nsmap={"web": namespace})
        self._uses = uses
        self._fill_element(root, declaration, chance)
        return root

    def _fill_element(self, node: Node, declaration: Node, chance: random.Random | None) -> None:
        named = declaration.get("type")
        if named is None:
            inline = declaration.find(f"{{{XSD}}}complexType")
            kind = inline if inline is not None else declaration.find(f"{{{XSD}}}simpleType")
        else:
            kind = self._find(declaration, named)
        if kind is None:
            node.text = self._built_in((named or "").rpartition(":")[2], chance)
        elif kind.tag == f"{{{XSD}}}simpleType":
            node.text = self._simple(kind, chance)
        else:
            self._fill_complex(node, kind, chance)

    def _find(self, place: Node, named: str) -> Node | None:
        prefix, _, local = named.rpartition(":")
        namespace = place.nsmap[prefix or None]
        return None if namespace == XSD else self._types[namespace, local][0]

    def _fill_complex(self, node: Node, kind: Node, chance: random.Random | None) -> None:
        for part in kind:
            match etree.QName(part).localname:
                case "sequence" | "choice":
                    self._fill_group(node, part, chance)
                case "attribute":
                    if part.get("use") == "required" or _wanted(chance):
                        attribute = etree.Element("attribute")
                        self._fill_element(attribute, part, chance)
                        node.set(part.get("name") or "", attribute.text or "")
                case "simpleContent" | "complexContent":
                    extension = part[0]
                    base = self._find(extension, extension.get("base") or "")
                    if base is None:
                        local = (extension.get("base") or "").rpartition(":")[2]
                        node.text = self._built_in(local, chance)
                    elif base.tag == f"{{{XSD}}}simpleType":
                        node.text = self._simple(base, chance)
                    else:
                        self._fill_complex(node, base, chance)
                    self._fill_complex(node, extension, chance)

    def _fill_group(self, node: Node, group: Node, chance: random.Random | None) -> None:
        members = [one for one in group if isinstance(one.tag, str)]
        members = [one for one in members if not one.tag.endswith("}annotation")]
        if group.tag.endswith("}choice"):
            members = [chance.choice(members) if chance else members[0]]
        for member in members:
            if not member.tag.endswith("}element"):
                self._fill_group(node, member, chance)
                continue
            least, most = int(member.get("minOccurs", "1")), member.get("maxOccurs", "1")
            count = self._uses if most != "1" else 1
            if chance is not None:
                count = chance.randint(least, max(least, count))
            for _ in range(count):
                self._fill_element(etree.SubElement(node, member.get("name") or ""), member, chance)

    def _simple(self, kind: Node, chance: random.Random | None, most: int = 60) -> str:
        restriction = kind[-1]
        facets = {etree.QName(one).localname: one.get("value") or "" for one in restriction}
        if "pattern" in facets:
            pattern = facets["pattern"]
            if self._varied and chance is not None and pattern in waarden.PATTERNS:
                return waarden.PATTERNS[pattern](chance)
            return _PATTERNS[pattern]
        choices = [one.get("value") or "" for one in restriction.iter(f"{{{XSD}}}enumeration")]
        if choices:
            return chance.choice(choices) if chance is not None else choices[0]
        if "length" in facets or int(facets.get("minLength", "0")) > 1:
            return "a" * int(facets.get("length") or facets["minLength"])
        base = restriction.get("base") or ""
        found = self._find(restriction, base)
        most = int(facets.get("maxLength", most))
        if found is not None:
            return self._simple(found, chance, most)
        local = base.rpartition(":")[2]
        if "totalDigits" in facets:
            return _BUILT_IN[local]
        if local == "string" and self._varied and chance is not None:
            return waarden.write_text(chance, int(facets.get("minLength", "0")), most)
        return self._built_in(local, chance)

    def _built_in(self, local: str, chance: random.Random | None) -> str:
        if self._varied and chance is not None and local in waarden.BUILT_IN:
            return waarden.BUILT_IN[local](chance)
        return _BUILT_IN[local]


def _wanted(chance: random.Random | None) -> bool:
    return chance is None or chance.random() < 0.5
