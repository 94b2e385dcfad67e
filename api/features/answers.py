"""One feature of a layer: its present and past states, and its conditional change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import orjson
import pandas as pd
import shapely

from api.errors import PreconditionFailedError, UnprocessableError, shown
from api.features.bodies import FeatureLayer, read_feature
from api.formats.aliases import Json
from api.http.etags import Seen, tag
from boundaries.store.interface import Store
from boundaries.store.rows.read import AsOf
from boundaries.store.tables.records import ChangeRecord, Commit, PlanGate, StaleError, Version
from geo.errors import NotFoundError, SchemaError
from geo.model.layer_columns import COLUMNS, TABLES
from geo.model.layers import District
from geo.model.standard import Standard
from geo.model.vocabulary import Origin


@dataclass(frozen=True, slots=True)
class Place:
    """Where a feature stands: its store, district, layer and key."""

    store: Store
    district: District
    layer: FeatureLayer
    key: str

    @property
    def code(self) -> str:
        """Code of the district."""
        return self.district.code

    @property
    def is_synthetic(self) -> bool:
        """Whether the data of the district is made up."""
        return self.district.origin == Origin.SYNTHETIC

    def versions(self) -> list[Version]:
        """Return all states of the feature, newest first."""
        return self.store.versions(self.code, self.layer.layer, self.key)

    def current(self, as_of: AsOf | None = None) -> Version:
        """Return the feature as it is, or as it was.

        Raises
        ------
        NotFoundError
            If it is not there, or was not then.
        """
        result = _then(self.versions(), as_of)
        if result is None:
            about = {"key": shown(self.key), "layer": str(self.layer), "district": self.code}
            if as_of is None:
                raise NotFoundError("features.not_there", **about)
            raise NotFoundError("features.not_there_then", **about, as_of=str(as_of))
        return result

    def describe(self, version: Version, **more: object) -> Json:
        """Return a state of the feature as GeoJSON, to the last digit."""
        about = {
            "district": self.code,
            "synthetic": self.is_synthetic,
            "layer": str(self.layer),
            "since": version.since,
            "valid_from": str(version.valid_from),
            **more,
        }
        return {**_feature(self.layer, self.key, version), "lifecircle": about}

    def history(self) -> Json:
        """Return all states of the feature with who made each.

        Raises
        ------
        NotFoundError
            If there never was such a feature.
        """
        versions = self.versions()
        if not versions:
            self.current()
        log = _by_revision(self.store, self.code, after=versions[-1].since - 1)
        return {
            "district": self.code,
            "synthetic": self.is_synthetic,
            "layer": str(self.layer),
            "key": self.key,
            "versions": [
                {
                    "since": version.since,
                    "until": version.until,
                    "valid_from": str(version.valid_from),
                    "valid_to": None if version.valid_to is None else str(version.valid_to),
                    "change": _change(log.get(version.since)),
                    "feature": _feature(self.layer, self.key, version),
                }
                for version in versions
            ],
        }

    # --- changes ---------------------------------------------------------------------------------

    def put(
        self, body: bytes, seen: Seen, *, standard: Standard, commit: Commit
    ) -> tuple[int, bool]:
        """Make or replace the feature; return the district's revision and whether it is new."""
        now = self._seen(seen)
        frame = self._read(body, now, is_patch=False, standard=standard)
        return self._edit(now, commit, put=frame), now is None

    def patch(self, body: bytes, seen: Seen, *, standard: Standard, commit: Commit) -> int:
        """Change some properties of the feature, or its geometry; return the revision."""
        now = self._seen(seen)
        frame = self._read(body, now, is_patch=True, standard=standard)
        return self._edit(now, commit, put=frame)

    def delete(self, seen: Seen, *, commit: Commit) -> int:
        """Delete the feature; return the revision."""
        return self._edit(self._seen(seen), commit, remove=[self.key])

    def _seen(self, seen: Seen) -> Version | None:
        """Return the feature as it is, None where it is to be made.

        Raises
        ------
        PreconditionFailedError
            If it is not as the caller has seen it.
        NotFoundError
            If it never was there and is not to be made.
        """
        versions = self.versions()
        now = _then(versions, None)
        if not seen.fits(None if now is None else now.since):
            if not versions:
                self.current()
            raise self._stale(seen)
        return now

    def _read(
        self, body: bytes, now: Version | None, *, is_patch: bool, standard: Standard
    ) -> gpd.GeoDataFrame:
        return read_feature(
            body,
            self.layer.layer,
            self.key,
            before=None if now is None else now.content,
            is_patch=is_patch,
            district=self.district,
            standard=standard,
        )

    def _edit(
        self,
        now: Version | None,
        commit: Commit,
        *,
        put: gpd.GeoDataFrame | None = None,
        remove: Sequence[str] = (),
    ) -> int:
        since = None if now is None else now.since
        if self.layer is FeatureLayer.GRIDS:
            commit = replace(commit, gate=PlanGate.REFUSE)
        try:
            return self.store.edit(
                self.code,
                self.layer.layer,
                put=put,
                remove=remove,
                expected={self.key: since},
                commit=commit,
            )
        except StaleError:
            seen = frozenset[int]() if since is None else frozenset({since})
            raise self._stale(Seen(revisions=seen)) from None
        except SchemaError as error:
            raise UnprocessableError({self.layer.layer: error.message}) from None

    def _stale(self, seen: Seen) -> PreconditionFailedError:
        """Return the error for a caller whose version is no longer current."""
        versions = self.versions()
        now = _then(versions, None)
        turns = {version.since for version in versions}
        turns |= {version.until for version in versions if version.until is not None}
        log = _by_revision(self.store, self.code, after=max(seen.revisions, default=0))
        changes = [_change(log[turn]) for turn in sorted(turns & set(log))]
        body = {
            "now": None if now is None else {"etag": tag(now.since), **self.describe(now)},
            "changes": changes,
        }
        current: Json = orjson.loads(orjson.dumps(body))
        about = {"key": shown(self.key), "layer": str(self.layer), "district": self.code}
        if now is None:
            return PreconditionFailedError("features.gone", current=current, **about)
        about["revision"] = str(now.since)
        return PreconditionFailedError("features.changed", current=current, **about)


def _then(versions: Sequence[Version], as_of: AsOf | None) -> Version | None:
    """Return the state that held at a revision, on a day, or holds now."""
    for each in versions:
        if as_of is None:
            holds = each.until is None
        elif isinstance(as_of, int):
            holds = each.since <= as_of and (each.until is None or as_of < each.until)
        else:
            ends = each.valid_to
            holds = each.valid_from <= as_of and (ends is None or as_of < ends)
        if holds:
            return each
    return None


def _feature(layer: FeatureLayer, key: str, version: Version) -> Json:
    properties = {name: _plain(version.content[name]) for name in COLUMNS[layer.layer]}
    shape = version.content.get("geometry")
    if layer.layer in TABLES and not pd.isna(version.content["lon"]):
        shape = shapely.Point(version.content["lon"], version.content["lat"])
    shape = None if shape is None else orjson.Fragment(shapely.to_geojson(shape))
    return {"type": "Feature", "id": key, "properties": properties, "geometry": shape}


def _plain(value: Any) -> Any:  # noqa: ANN401 - text, number or none
    """Return a value of a frame as JSON has it."""
    return value.item() if hasattr(value, "item") else value


def _by_revision(store: Store, code: str, *, after: int) -> dict[int, ChangeRecord]:
    return {record.revision: record for record in store.changes(code, after=after)}


def _change(record: ChangeRecord | None) -> Mapping[str, Any] | None:
    """Return who made a revision, when, and what."""
    if record is None:
        return None
    return {
        "revision": record.revision,
        "at": record.at,
        "actor": record.actor,
        "what": str(record.what),
    }
