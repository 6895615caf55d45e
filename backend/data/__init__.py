"""Everything in the cloud that waits: the catalog and the household tokens at rest."""
