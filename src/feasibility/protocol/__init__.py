"""The protocol: eligibility criteria as data, in a TOML file that people can read too."""

from feasibility.protocol.model import Assumed, Criterion, Join, Limb, Preset, Protocol, Reading, Remark, Role, Stage, coming_before
from feasibility.protocol.read import builtin_protocol, read_protocol

__all__ = [
    "Assumed",
    "Criterion",
    "Join",
    "Limb",
    "Preset",
    "Protocol",
    "Reading",
    "Remark",
    "Role",
    "Stage",
    "builtin_protocol",
    "coming_before",
    "read_protocol",
]
