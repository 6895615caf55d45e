"""The cloud in AWS: a table, a bucket, two functions, a REST API.

Nothing here has a standing charge beyond stored bytes: an idle cloud costs cents.
"""

from pathlib import Path
from typing import Any, Final

from aws_cdk import (
    Acknowledgment,
    CfnOutput,
    Duration,
    RemovalPolicy,
    Stack,
    Validations,
    aws_apigateway as apigateway,
    aws_dynamodb as dynamodb,
    aws_iam as iam,
    aws_lambda as lambda_,
    aws_logs as logs,
    aws_s3 as s3,
)
from constructs import Construct, IConstruct

from backend.routes import ROUTES

CATALOG_KEY: Final = "catalog.npz"

_RETENTION: Final = logs.RetentionDays.ONE_MONTH


class CloudStack(Stack):
    """One deployment of the cloud."""

    def __init__(
        self, scope: Construct, construct_id: str, *, source: Path, layer: Path, **kwargs: Any
    ) -> None:
        """Describe the deployment.

        Args:
            scope: the app.
            construct_id: the stack's name.
            source: a folder that holds the package `backend`.
            layer: a folder that holds the functions' dependencies under `python/`.
            kwargs: of any stack.
        """
        super().__init__(scope, construct_id, **kwargs)
        table = self._table()
        bucket = self._bucket()
        code = lambda_.Code.from_asset(str(source))
        dependencies = lambda_.LayerVersion(
            self,
            "Dependencies",
            code=lambda_.Code.from_asset(str(layer)),
            compatible_architectures=[lambda_.Architecture.ARM_64],
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_14],
        )
        function = self._function(
            "Api",
            "backend.handlers.api.handler",
            code,
            layers=[dependencies],
            # ranking is one pass over memory: a larger share of the processor makes it shorter
            memory_size=1024,
            timeout=Duration.seconds(10),
            environment={"CATALOG_URI": f"s3://{bucket.bucket_name}/{CATALOG_KEY}"},
        )
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["s3:GetObject"], resources=[bucket.arn_for_objects(CATALOG_KEY)]
            )
        )
        authorizer = self._function(
            "Authorizer",
            "backend.handlers.authorizer.handler",
            code,
            memory_size=512,
            timeout=Duration.seconds(5),
            environment={"TOKENS_URI": f"dynamodb://{table.table_name}"},
        )
        table.grant(authorizer, "dynamodb:GetItem")
        api = self._api(function, authorizer)

        CfnOutput(self, "Url", value=api.url, description="What a home is given")
        CfnOutput(self, "Tokens", value=f"dynamodb://{table.table_name}")
        CfnOutput(self, "Catalog", value=f"s3://{bucket.bucket_name}/{CATALOG_KEY}")

    def _table(self) -> dynamodb.TableV2:
        """Return the single table; so far it holds the household tokens."""
        return dynamodb.TableV2(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute="expires_at",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _bucket(self) -> s3.Bucket:
        """Return the bucket of the catalog; earlier ones stay for a month."""
        bucket = s3.Bucket(
            self,
            "Catalogs",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(noncurrent_version_expiration=Duration.days(30)),
            ],
            removal_policy=RemovalPolicy.RETAIN,
        )
        _accept(bucket, "S1", "One private object that one function reads")
        return bucket

    def _function(self, name: str, handler: str, code: lambda_.Code, **kwargs: Any) -> Any:
        """Return a function that may write its own log and nothing else yet."""
        log = logs.LogGroup(
            self, f"{name}Log", retention=_RETENTION, removal_policy=RemovalPolicy.DESTROY
        )
        role = iam.Role(
            self, f"{name}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
        )
        log.grant_write(role)
        return lambda_.Function(
            self,
            name,
            handler=handler,
            code=code,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            log_group=log,
            logging_format=lambda_.LoggingFormat.JSON,
            role=role,
            **kwargs,
        )

    def _api(
        self, function: lambda_.IFunction, authorizer: lambda_.IFunction
    ) -> apigateway.RestApi:
        """Return the REST API: every route is asked of the authorizer, every request logged."""
        log = logs.LogGroup(
            self, "AccessLog", retention=_RETENTION, removal_policy=RemovalPolicy.DESTROY
        )
        api = apigateway.RestApi(
            self,
            "Rest",
            rest_api_name="rhythmiq",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=True,
            default_integration=apigateway.LambdaIntegration(function),
            default_method_options=apigateway.MethodOptions(
                authorizer=apigateway.RequestAuthorizer(
                    self,
                    "Household",
                    handler=authorizer,
                    identity_sources=[apigateway.IdentitySource.header("Authorization")],
                    results_cache_ttl=Duration.seconds(300),
                ),
                authorization_type=apigateway.AuthorizationType.CUSTOM,
            ),
            deploy_options=apigateway.StageOptions(
                stage_name="live",
                throttling_rate_limit=50,
                throttling_burst_limit=100,
                metrics_enabled=True,
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                access_log_destination=apigateway.LogGroupLogDestination(log),
                access_log_format=apigateway.AccessLogFormat.json_with_standard_fields(
                    caller=False,
                    http_method=True,
                    ip=False,
                    protocol=False,
                    request_time=True,
                    resource_path=True,
                    response_length=True,
                    status=True,
                    user=False,
                ),
            ),
        )
        for method, path in ROUTES:
            api.root.resource_for_path(path).add_method(method)
        api.add_gateway_response(
            "NoSuchRoute",
            type=apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
            status_code="404",  # by default 403, which a home would take for a refused token
            templates={"application/json": '{"message": "Not found"}'},
        )
        _accept(api, "APIG2", "The function validates bodies with its own models")
        _accept(api, "APIG3", "A web firewall has a standing charge; throttled instead")
        _accept(api, "COG4", "Homes have no user pool: the authorizer checks tokens")
        _accept(
            api,
            "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
            "AmazonAPIGatewayPushToCloudWatchLogs]",
            "The one policy that API Gateway's documentation names for writing logs",
        )
        return api


def _accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Let a finding of cdk-nag pass, with the reason on record."""
    Validations.of(construct).acknowledge(
        Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason)
    )
