"""The numbers that a model has learned, by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .base import OffPolicyAlgorithm


Parameters = dict[str, dict[str, NDArray[np.float64]]]


def get_parameters(model: OffPolicyAlgorithm) -> Parameters:
    """Copies of all parameters ("policy") and of the optimisers' moments ("optimizers"), by name."""
    found: Parameters = {"policy": {}, "optimizers": {}}
    for name, (rows, columns, values) in model.core.numbers().items():
        group = "optimizers" if ".adam." in name else "policy"
        found[group][name] = np.reshape(values, (rows, columns))
    return found


def set_parameters(
    model: OffPolicyAlgorithm,
    load_path_or_dict: Any,
    exact_match: bool = True,
    device: Any = "auto",
) -> None:
    """
    Replaces parameters by those of a dictionary, as `get_parameters` gives it, or of a saved model.

    :param exact_match: every parameter of the model must be given
    """
    given = load_path_or_dict
    if not isinstance(given, Mapping):
        given = get_parameters(type(model).load(given, env=model.env))
    ours = _flat(get_parameters(model))
    given = _flat(given)
    unknown, missing = sorted(given.keys() - ours.keys()), sorted(ours.keys() - given.keys())
    if unknown or (exact_match and missing):
        what = [f"no parameters of the model: {unknown}"] * bool(unknown) + [f"missing: {missing}"] * bool(missing)
        raise ValueError("; ".join(what))
    for name, values in given.items():
        if np.shape(values) != ours[name].shape:
            raise ValueError(f"{name} has the shape {np.shape(values)}, and the model's has {ours[name].shape}")
    model.core.set_numbers({name: np.ravel(values).astype(np.float64).tolist() for name, values in given.items()})


def _flat(groups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: values for group in groups.values() for name, values in group.items()}
