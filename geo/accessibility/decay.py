"""Decay: how much a service point counts for a building, by the walking time between them.

Every decay is a frozen value. Called with seconds, it gives weights: 1 at the door, never growing
with time, 0 beyond the threshold (which is inclusive) and where the time is NaN. The parameters
that literature leaves open have defaults as shares of the threshold; they are choices, not
findings, and are printed with every result.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from geo.arrays import FloatArray
from geo.errors import InputError
from geo.messages import Message
from geo.routing.walking_time import threshold_s


@dataclass(frozen=True, slots=True)
class Decay(ABC):
    """Weight by walking time; the kinds differ in :meth:`inside`.

    Attributes
    ----------
    threshold_s : float
        Seconds; at most this long a walk counts.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    reference: ClassVar[str]

    threshold_s: float

    def __post_init__(self) -> None:
        """Refuse a threshold that is none."""
        _require_positive("accessibility.threshold", self.threshold_s)

    def __call__(self, time_s: npt.ArrayLike) -> FloatArray:
        """Return the weight of each walking time.

        Parameters
        ----------
        time_s : array_like of float
            Seconds, at least 0; NaN where nothing is reached.

        Returns
        -------
        ndarray of float64, same shape
            0..1.
        """
        seconds = np.asarray(time_s, np.float64)
        counts = seconds <= self.threshold_s  # NaN does not
        weight = self.inside(np.where(counts, seconds, 0.0))
        return np.where(counts, weight, 0.0)

    @abstractmethod
    def inside(self, seconds: FloatArray) -> FloatArray:
        """Return the weight of times within the threshold."""

    @property
    def parameters(self) -> dict[str, object]:
        """Every figure the weights depend on, by name; times are in seconds."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class StepDecay(Decay):
    """All or nothing.

    Examples
    --------
    >>> StepDecay(900.0)([0, 900, 900.01]).tolist()
    [1.0, 1.0, 0.0]
    """

    name: ClassVar[str] = "step"
    formula: ClassVar[str] = "w(t) = 1, t <= T"
    reference: ClassVar[str] = "Luo and Wang 2003, doi:10.1068/b29120"

    def inside(self, seconds: FloatArray) -> FloatArray:
        """Return 1."""
        return np.ones_like(seconds)


@dataclass(frozen=True, slots=True)
class Linear(Decay):
    """Evenly down to 0 at the threshold.

    Examples
    --------
    >>> Linear(900.0)([0, 450, 900]).tolist()
    [1.0, 0.5, 0.0]
    """

    name: ClassVar[str] = "linear"
    formula: ClassVar[str] = "w(t) = 1 - t/T, t <= T"
    reference: ClassVar[str] = "Pereira and Herszenhut 2022, R package accessibility, decay_linear"

    def inside(self, seconds: FloatArray) -> FloatArray:
        """Return the share of the threshold that is left."""
        return 1.0 - seconds / self.threshold_s


@dataclass(frozen=True, slots=True)
class Gaussian(Decay):
    """A bell's half, brought down to 0 at the threshold.

    Examples
    --------
    >>> Gaussian(900.0)([0, 450, 900]).round(4).tolist()
    [1.0, 0.7014, 0.0]
    """

    name: ClassVar[str] = "gaussian"
    formula: ClassVar[str] = "w(t) = (exp(-(t/T)^2 / 2) - exp(-1/2)) / (1 - exp(-1/2)), t <= T"
    reference: ClassVar[str] = "Dai 2010, doi:10.1016/j.healthplace.2010.06.012"

    def inside(self, seconds: FloatArray) -> FloatArray:
        """Return the formula, which rounding could take a hair below 0."""
        foot = np.exp(-0.5)
        bell = np.exp(-0.5 * (seconds / self.threshold_s) ** 2)
        return np.asarray(np.clip((bell - foot) / (1.0 - foot), 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Exponential(Decay):
    """Half as much after every half-time; cut off at the threshold.

    Attributes
    ----------
    half_s : float
        Seconds after which half the weight is left; 0 stands for half the threshold.

    Examples
    --------
    >>> Exponential(900.0)([0, 450, 900, 901]).tolist()
    [1.0, 0.5, 0.25, 0.0]
    """

    name: ClassVar[str] = "exponential"
    formula: ClassVar[str] = "w(t) = exp(-ln(2) t/h), t <= T"
    reference: ClassVar[str] = "Wilson 1971, doi:10.1068/a030001; beta = ln(2)/h"

    half_s: float = 0.0

    def __post_init__(self) -> None:
        """Fill in the half-time."""
        Decay.__post_init__(self)
        _fill(self, "half_s", self.threshold_s / 2)

    def inside(self, seconds: FloatArray) -> FloatArray:
        """Return the formula."""
        return np.asarray(np.exp2(-seconds / self.half_s))


@dataclass(frozen=True, slots=True)
class Logistic(Decay):
    """The share of walkers still willing; adjusted to be 1 at the door, cut off at the threshold.

    Attributes
    ----------
    centre_s : float
        Seconds at the turning point; 0 stands for half the threshold.
    spread_s : float
        Standard deviation of what walkers are willing to walk, seconds; 0 stands for a tenth of the
        threshold.

    Examples
    --------
    >>> Logistic(900.0)([0, 450, 900]).round(4).tolist()
    [1.0, 0.5001, 0.0001]
    """

    name: ClassVar[str] = "logistic"
    formula: ClassVar[str] = (
        "w(t) = (1 + exp(-c/k)) / (1 + exp((t - c)/k)), t <= T, k = s sqrt(3)/pi"
    )
    reference: ClassVar[str] = "Bauer and Groneberg 2016, doi:10.1371/journal.pone.0159148"

    centre_s: float = 0.0
    spread_s: float = 0.0

    def __post_init__(self) -> None:
        """Fill in the turning point and the spread."""
        Decay.__post_init__(self)
        _fill(self, "centre_s", self.threshold_s / 2)
        _fill(self, "spread_s", self.threshold_s / 10)

    def inside(self, seconds: FloatArray) -> FloatArray:
        """Return the formula, by logarithms, which do not overflow."""
        scale = self.spread_s * np.sqrt(3) / np.pi
        at_door = np.logaddexp(0.0, -self.centre_s / scale)
        return np.asarray(np.exp(at_door - np.logaddexp(0.0, (seconds - self.centre_s) / scale)))


@dataclass(frozen=True, slots=True)
class Zones(Decay):
    """Steps: one weight for each of several rings of time, as E2SFCA has it.

    Attributes
    ----------
    shares : tuple of float
        Where each zone ends, as a share of the threshold, ascending; the last is 1.
    weights : tuple of float
        Weight of each zone, the first 1, never ascending.

    Examples
    --------
    >>> Zones(1800.0)([0, 600, 601, 1200, 1800, 1801]).tolist()
    [1.0, 1.0, 0.68, 0.68, 0.22, 0.0]
    """

    name: ClassVar[str] = "zones"
    formula: ClassVar[str] = "w(t) = w_r, r = min{i: t <= T_i}"
    reference: ClassVar[str] = "Luo and Qi 2009, doi:10.1016/j.healthplace.2009.06.002"

    shares: tuple[float, ...] = (1 / 3, 2 / 3, 1.0)
    weights: tuple[float, ...] = (1.0, 0.68, 0.22)

    def __post_init__(self) -> None:
        """Refuse zones out of order."""
        Decay.__post_init__(self)
        ends, weights = np.array(self.shares), np.array(self.weights)
        rising = len(ends) > 0 and ends[0] > 0 and bool((np.diff(ends) > 0).all()) and ends[-1] == 1
        if len(ends) != len(weights) or not rising:
            raise InputError("accessibility.zone_ends", ends=self.shares, weights=self.weights)
        if weights[0] != 1 or (np.diff(weights) > 0).any() or weights[-1] < 0:
            raise InputError("accessibility.zone_weights", weights=self.weights)

    def inside(self, seconds: FloatArray) -> FloatArray:
        """Return the weight of the zone; a zone holds its end, to a millionth of a second."""
        ends = np.array(self.shares) * self.threshold_s + 1e-6
        zone = np.searchsorted(ends[:-1], seconds)
        return np.array(self.weights, np.float64)[zone]


DECAYS: Final[dict[str, type[Decay]]] = {
    each.name: each for each in (StepDecay, Linear, Gaussian, Exponential, Logistic, Zones)
}
"""Every kind of decay by its name."""


def decay(name: str, *, minutes: float) -> Decay:
    """Return the decay `name` with its default parameters.

    Parameters
    ----------
    name : str
        One of :data:`DECAYS`.
    minutes : float
        Threshold in minutes.

    Raises
    ------
    InputError
        If there is no such decay, or unless ``0 < minutes <= 120``.

    Examples
    --------
    >>> decay("linear", minutes=15)
    Linear(threshold_s=900.0)
    """
    if name not in DECAYS:
        raise InputError("accessibility.decay_unknown", name=name, known=list(DECAYS))
    return DECAYS[name](float(threshold_s(minutes)))


def _fill(value: Decay, name: str, default: float) -> None:
    """Set a parameter that was left at 0 to its default."""
    given = getattr(value, name)
    if given == 0:
        object.__setattr__(value, name, default)
    else:
        _require_positive(name, given)


def _require_positive(what: str, value: float) -> None:
    if not (value > 0 and np.isfinite(value)):
        raise InputError("accessibility.seconds_not_positive", what=Message(what), value=value)
