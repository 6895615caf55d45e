"""The catalog, from disk and from S3."""

from pathlib import Path

import boto3
from botocore.exceptions import ClientError
import pytest

from backend.data.catalog import load_catalog
from backend.engine.errors import EngineError


def test_disk_and_s3_give_the_same_catalog(
    catalog_file: Path, catalog_bytes: bytes, aws: None
) -> None:
    client = boto3.client("s3")
    client.create_bucket(
        Bucket="catalogs", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    client.put_object(Bucket="catalogs", Key="a/catalog.npz", Body=catalog_bytes)
    from_disk = load_catalog(str(catalog_file))
    from_s3 = load_catalog("s3://catalogs/a/catalog.npz")
    assert from_disk.uri == from_s3.uri
    assert (from_disk.matrix == from_s3.matrix).all()
    with pytest.raises(ClientError, match="NoSuchKey"):
        load_catalog("s3://catalogs/other.npz")


def test_what_is_no_catalog_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_catalog(str(tmp_path / "missing.npz"))
    (tmp_path / "damaged.npz").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(EngineError) as refused:
        load_catalog(str(tmp_path / "damaged.npz"))
    assert refused.value.key == "catalog_corrupt"
