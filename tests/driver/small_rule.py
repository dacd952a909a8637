"""What the tests of the driver attend to."""

from golden.lambda_attention import LambdaRule

RULE = LambdaRule(2, 10)
