"""The routes of the REST API: named once for the handler, the local runner and the deployment."""

from typing import Final

HOUSEHOLD: Final = "/v1/household"
RECOMMENDATIONS: Final = "/v1/recommendations"

ROUTES: Final = (("GET", HOUSEHOLD), ("POST", RECOMMENDATIONS))
