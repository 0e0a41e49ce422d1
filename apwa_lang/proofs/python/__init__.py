"""What a Python function touches beyond its arguments and its result, found without importing or running it.

In: ``module:function`` and the folder of the user's modules. Out: its effects, each with function, line and reason.
"""

from apwa_lang.proofs.python.analysis import infer
from apwa_lang.proofs.python.findings import Call, Found, Inference, Kind

__all__ = ["Call", "Found", "Inference", "Kind", "infer"]
