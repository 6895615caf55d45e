"""What deploys the cloud: one AWS CDK stack, synthesised without network and without Docker."""

import os
from pathlib import Path
import shutil
import sys

# The CDK runs on Node: where the machine has none, on the one that `scripts/setup` put beside
# Python.  Both variables count only if set before `aws_cdk` is imported.
if shutil.which("node") is None:
    os.environ.setdefault("JSII_NODE", str(Path(sys.prefix, "bin", "node")))
# Node 20 still works; the value names the releases not to be warned of.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
