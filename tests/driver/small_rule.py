"""The size of the model of the driver's tests, and what it attends to."""

from golden.lambda_attention import LambdaRule

RULE = LambdaRule(2, 10)
SIZES = {"vocab": 37, "dim": 64, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 64, "context": 64}
