"""The catalog at rest: one object in S3, or one file."""

from pathlib import Path
from urllib.parse import urlsplit

from backend.engine.catalog import Catalog


def load_catalog(uri: str) -> Catalog:
    """Read a saved catalog from `s3://bucket/key`, or from the file that any other word names.

    Raises:
        EngineError: the bytes are not a saved catalog.
        OSError: the file cannot be read.
        botocore.exceptions.ClientError: the object cannot be read.
    """
    data = _read_object(uri) if uri.startswith("s3://") else Path(uri).read_bytes()
    return Catalog.load(data)


def _read_object(uri: str) -> bytes:
    import boto3  # noqa: PLC0415 (0.6 s and an AWS SDK that a runner on disk does without)

    place = urlsplit(uri)
    answer = boto3.client("s3").get_object(Bucket=place.netloc, Key=place.path.removeprefix("/"))
    data: bytes = answer["Body"].read()
    return data
