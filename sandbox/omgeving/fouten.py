"""Exceptions as OGC services write them, by version of the service."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from starlette.responses import Response


class OgcError(Exception):
    """A request that the service refuses; ``locator`` names the parameter."""

    def __init__(self, code: str, text: str, locator: str | None = None, status: int = 400) -> None:
        super().__init__(text)
        self.code, self.text, self.locator, self.status = code, text, locator, status

    def report(self) -> Response:
        """Return it as OWS 1.1 has it (WFS 2.0)."""
        locator = f" locator={quoteattr(self.locator)}" if self.locator else ""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1" version="2.0.0">'
            f"<ows:Exception exceptionCode={quoteattr(self.code)}{locator}>"
            f"<ows:ExceptionText>{escape(self.text)}</ows:ExceptionText>"
            "</ows:Exception></ows:ExceptionReport>"
        )
        return Response(body, self.status, media_type="application/xml")

    def wms_report(self, versie: str) -> Response:
        """Return it as WMS 1.1.1 or 1.3.0 has it, which come with status 200."""
        space = ' xmlns="http://www.opengis.net/ogc"' if versie == "1.3.0" else ""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<ServiceExceptionReport version="{versie}"{space}>'
            f"<ServiceException code={quoteattr(self.code)}>{escape(self.text)}</ServiceException>"
            "</ServiceExceptionReport>"
        )
        media_type = "text/xml" if versie == "1.3.0" else "application/vnd.ogc.se_xml"
        return Response(body, 200, media_type=media_type)


def read_params(query: list[tuple[str, str]], known: frozenset[str]) -> dict[str, str]:
    """Return the parameters by lower-case name.

    Raises:
        OgcError: one is unknown or stands twice.
    """
    params: dict[str, str] = {}
    for name, value in query:
        lower = name.lower()
        if lower not in known:
            raise OgcError("InvalidParameterValue", f"Unknown parameter {name}", name)
        if lower in params:
            raise OgcError("InvalidParameterValue", f"Parameter {name} stands twice", name)
        params[lower] = value
    return params
