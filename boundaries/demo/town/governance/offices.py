"""Street offices and communities: the real names and codes that the synthetic ground is given."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Community:
    """A community or village.

    Attributes
    ----------
    code : str
        Statistical code, 12 digits.
    name : str
    """

    code: str
    name: str

    @property
    def urban(self) -> bool:
        """Whether this is a community (社区) rather than a village."""
        return "社区" in self.name


@dataclass(frozen=True, slots=True)
class StreetOffice:
    """A street office (街道), town or township.

    Attributes
    ----------
    code : str
        Statistical code, 9 digits.
    name_zh, name_en : str
    seat_m : tuple of float
        Where its centre is put, metres east and north of the place where the rivers join.
    communities : tuple of Community
    """

    code: str
    name_zh: str
    name_en: str
    seat_m: tuple[float, float]
    communities: tuple[Community, ...]
