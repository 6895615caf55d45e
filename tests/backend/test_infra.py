"""The deployment: synthesised, checked by assertions, cdk-nag and cfn-lint."""

from collections.abc import Mapping
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest
import pytest_socket

from backend.infra import __main__ as command
from backend.infra.source import stage_source
from backend.infra.stack import CATALOG_KEY, CloudStack
from backend.routes import ROUTES

# after backend.infra, which settles which Node runs it
from aws_cdk import App  # isort: skip
from aws_cdk.assertions import Match, Template  # isort: skip


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the work folder with a layer, as `backend/infra/build` leaves it."""
    work = tmp_path_factory.mktemp("lambda")
    (work / "layer" / "python").mkdir(parents=True)
    (work / "layer" / "python" / "dependency.py").touch()
    return work


@pytest.fixture(scope="module")
def template(work: Path) -> Template:
    source = stage_source(work / "source")
    return Template.from_stack(CloudStack(App(), "Test", source=source, layer=work / "layer"))


def only(found: Mapping[str, Any]) -> Any:
    (resource,) = found.values()
    return resource


def test_both_functions_run_on_arm_with_the_python_of_the_home(template: Template) -> None:
    template.resource_count_is("AWS::Lambda::Function", 2)
    template.all_resources_properties(
        "AWS::Lambda::Function", {"Runtime": "python3.14", "Architectures": ["arm64"]}
    )
    api = {"Handler": "backend.handlers.api.handler", "Layers": Match.any_value()}
    template.has_resource_properties("AWS::Lambda::Function", api)
    authorizer = {"Handler": "backend.handlers.authorizer.handler", "Layers": Match.absent()}
    template.has_resource_properties("AWS::Lambda::Function", authorizer)


def test_the_functions_are_told_where_things_are(template: Template) -> None:
    functions = template.find_resources("AWS::Lambda::Function").values()
    places = [function["Properties"]["Environment"]["Variables"] for function in functions]
    names = sorted(name for place in places for name in place)
    assert names == ["CATALOG_URI", "TOKENS_URI"]


def test_every_route_asks_the_authorizer(template: Template) -> None:
    authorizer = {
        "Type": "REQUEST",
        "IdentitySource": "method.request.header.Authorization",
        "AuthorizerResultTtlInSeconds": 300,
    }
    template.has_resource_properties("AWS::ApiGateway::Authorizer", authorizer)
    methods = template.find_resources("AWS::ApiGateway::Method").values()
    assert sorted(method["Properties"]["HttpMethod"] for method in methods) == sorted(
        method for method, _ in ROUTES
    )
    assert {method["Properties"]["AuthorizationType"] for method in methods} == {"CUSTOM"}


def test_the_api_is_regional_throttled_and_logged(template: Template) -> None:
    template.has_resource_properties(
        "AWS::ApiGateway::RestApi", {"EndpointConfiguration": {"Types": ["REGIONAL"]}}
    )
    template.has_resource_properties(
        "AWS::ApiGateway::Stage",
        {
            "AccessLogSetting": Match.any_value(),
            "MethodSettings": [
                Match.object_like({"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100})
            ],
        },
    )
    template.resource_count_is("AWS::Logs::LogGroup", 3)
    template.all_resources_properties("AWS::Logs::LogGroup", {"RetentionInDays": 30})


def test_an_unknown_route_is_not_mistaken_for_a_bad_token(template: Template) -> None:
    template.has_resource_properties(
        "AWS::ApiGateway::GatewayResponse",
        {"ResponseType": "MISSING_AUTHENTICATION_TOKEN", "StatusCode": "404"},
    )


def test_what_is_kept_outlives_the_stack(template: Template) -> None:
    for kind in ("AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"):
        assert only(template.find_resources(kind))["DeletionPolicy"] == "Retain"
    template.has_resource_properties(
        "AWS::DynamoDB::GlobalTable",
        {
            "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
            "Replicas": [
                Match.object_like(
                    {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
                )
            ],
        },
    )


def test_a_function_may_do_what_it_must_and_no_more(template: Template) -> None:
    statements = [
        statement
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    actions = sorted(
        action
        for statement in statements
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    )
    assert actions == sorted(
        ["dynamodb:GetItem", "s3:GetObject", *2 * ["logs:CreateLogStream", "logs:PutLogEvents"]]
    )
    (reading,) = [entry for entry in statements if entry["Action"] == "s3:GetObject"]
    assert json.dumps(reading["Resource"]).endswith(f'/{CATALOG_KEY}"]]}}')


def test_the_command_synthesises_and_the_checkers_agree(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest_socket.disable_socket()  # no network
    assert command.main(str(tmp_path), work=work) == 0
    report = json.loads((tmp_path / "validation-report.json").read_text())
    (nag,) = report["pluginReports"]
    assert (nag["conclusion"], nag["violations"]) == ("success", [])
    accepted = {finding["ruleName"].split("[")[0] for finding in nag["suppressedViolations"]}
    assert accepted == {f"AwsSolutions-{rule}" for rule in ("APIG2", "APIG3", "COG4", "IAM4", "S1")}
    lint = Path(sys.executable).with_name("cfn-lint")
    # W3005: the CDK spells out a dependency that is implied anyway
    arguments = ["--ignore-checks", "W3005", "--", str(tmp_path / "RhythmIQ.template.json")]
    linted = subprocess.run([lint, *arguments], capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_command_wants_the_layer_built_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(work=tmp_path) == 1
    assert "backend/infra/build" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("machine", "expected"),
    [("", str(Path(sys.prefix, "bin", "node"))), ("node", None)],
    ids=["no node", "a node"],
)
def test_node_comes_from_the_machine_or_else_from_the_venv(
    machine: str, expected: str | None, tmp_path: Path
) -> None:
    if machine:
        (tmp_path / machine).touch(0o755)
    script = "import os, backend.infra; print(os.environ.get('JSII_NODE'))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(command.__file__).parents[2],
        env={name: value for name, value in os.environ.items() if name != "JSII_NODE"}
        | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(expected)
