"""A GPU that broke off: how that is told from errors that leave it usable.

After an illegal access, a failed assertion or launch, or an uncorrectable bit every call of the
same process to that device fails. Only a new process draws on it again.
"""

import re

import torch

from tui.domain.text import clean
from tui.engine.worker.running_out import error_and_causes, ran_out

_SAID = re.compile(
    r"(CUDA|HIP)( driver)? error|CUBLAS_STATUS_EXECUTION_FAILED|CUDNN_STATUS_EXECUTION_FAILED"
    # As Triton has it.
    r"|illegal memory access|device-side assert|unspecified launch failure|uncorrectable ECC"
)
"""What a `RuntimeError` says of it: torch has had a type of its own only since 2.8."""
_OWN_TYPE: type[Exception] | tuple[()] = getattr(torch, "AcceleratorError", ())
_PREFIX = re.compile(r"^.*?\berror(?: \[CUDA\])?: ", re.IGNORECASE)


def why_broken(error: BaseException) -> str:
    """What the GPU reported, where an error, or one that led to it, is that it broke off.

    Empty for all others, memory that ran out among them.
    """
    if ran_out(error):
        return ""
    for each in error_and_causes(error):
        said = str(each)
        if isinstance(each, _OWN_TYPE) or (isinstance(each, RuntimeError) and _SAID.search(said)):
            # What follows is how to get torch to say more.
            first = said.strip().partition("\n")[0]
            return clean(_PREFIX.sub("", first), limit=200) or type(each).__name__
    return ""
