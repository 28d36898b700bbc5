"""Boundary files of three made-up communes, and the command that loads them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command
from shapely.geometry.base import BaseGeometry

from server.communes.models import Boundary, Coverage
from server.errors import Problem
from tests.communes import vn2000

WEST = shapely.box(105.80, 21.50, 105.90, 21.60)
EAST = shapely.box(105.90, 21.50, 106.00, 21.60)
NORTH = shapely.box(105.80, 21.60, 106.00, 21.70)
THREE = {"90001": WEST, "90002": EAST, "01840": NORTH}
IN_WEST = (105.85, 21.55)


def vn2000_corners(polygon: BaseGeometry) -> BaseGeometry:
    """The same place in metres of EPSG:9213."""
    return shapely.Polygon([vn2000.tm3(*corner) for corner in shapely.get_coordinates(polygon)])


def layer(
    path: Path, *, crs: str | None, polygons: Mapping[str, BaseGeometry], **kwargs: object
) -> None:
    """Write a Shapefile or GeoPackage layer with GDAL."""
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(list(polygons.values())),
        field_data=[np.array(list(polygons), dtype=object)],
        fields=["ma_xa"],
        geometry_type="Polygon",
        crs=crs,
        **kwargs,
    )


def zipped_shapefile(
    folder: Path, *, crs: str | None, polygons: Mapping[str, BaseGeometry]
) -> Path:
    layer(folder / "xa.shp", crs=crs, polygons=polygons)
    archive = folder / "xa.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for part in folder.glob("xa.*"):
            if part != archive:
                packed.write(part, f"ranh gioi/{part.name}")
    return archive


def load(path: Path, **options: object) -> None:
    call_command("load_boundaries", str(path), **options)


def refused(path: Path, **options: object) -> str:
    """Load in vain; return the code that says why. Nothing may have been written."""
    with pytest.raises(CommandError) as caught:
        load(path, **options)
    assert Coverage.objects.filter(is_schematic=False).count() == 0
    assert Boundary.objects.filter(coverage__is_schematic=False).count() == 0
    assert isinstance(caught.value.__cause__, Problem)
    return caught.value.__cause__.code
