"""Read Shapefiles (zipped) and GeoPackages, when the extra `geo` (pyogrio) is installed."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

import shapely

from server.communes import problems
from server.communes.boundary_file import MAX_FILE_BYTES, RawFeature, RawFile

try:
    import pyogrio
except ImportError:  # the extra is not installed; GeoJSON still works
    pyogrio = None

_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_MAX_ENTRIES = 200
_CHUNK = 1 << 20  # bytes


def read_shapefile(path: Path) -> RawFile:
    """Read the one Shapefile in a zip archive.

    Raises ExtraMissing, FileBroken, FileTooLarge, LayersUnclear.
    """
    with tempfile.TemporaryDirectory(prefix="so-xa-") as folder:
        shapes = _unpack(path, Path(folder))
        if len(shapes) != 1:
            names = ", ".join(shape.name for shape in shapes) or "–"
            raise problems.LayersUnclear(count=len(shapes), layers=names)
        return _read(shapes[0], path.name)


def read_geopackage(path: Path) -> RawFile:
    """Read the one layer of a GeoPackage. Raises ExtraMissing, FileBroken, LayersUnclear."""
    return _read(path, path.name)


def _unpack(archive: Path, folder: Path) -> list[Path]:
    """Write a zip's Shapefile parts into a folder; return its .shp files.

    Sizes in the archive's own table may lie, so what comes out is counted. Paths in it are
    dropped, so that nothing lands outside the folder.
    """
    left = MAX_FILE_BYTES
    shapes = []
    try:
        with zipfile.ZipFile(archive) as packed:
            entries = packed.infolist()
            if len(entries) > _MAX_ENTRIES:
                raise problems.FileBroken(name=archive.name, reason=f"{len(entries)} tệp bên trong")
            for entry in entries:
                name = PurePosixPath(entry.filename).name
                if Path(name).suffix.lower() in _SHAPEFILE_PARTS and not name.startswith("."):
                    target = folder / name
                    left -= _unpack_entry(packed, entry, target, most=left)
                    shapes += [target] if target.suffix.lower() == ".shp" else []
    # RuntimeError: an encrypted entry; NotImplementedError: an unknown way of packing.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise problems.FileBroken(name=archive.name, reason=str(error)[:200]) from error
    return shapes


def _unpack_entry(
    packed: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, *, most: int
) -> int:
    size = 0
    with packed.open(entry) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise problems.FileTooLarge(limit_mb=MAX_FILE_BYTES // 1_000_000)
            sink.write(chunk)
    return size


def _read(path: Path, name: str) -> RawFile:
    if pyogrio is None:
        raise problems.ExtraMissing
    try:
        layers = [str(layer) for layer, kind in pyogrio.list_layers(path) if kind is not None]
        if len(layers) != 1:
            raise problems.LayersUnclear(count=len(layers), layers=", ".join(layers) or "–")
        meta, _, shapes, columns = pyogrio.raw.read(path, layer=layers[0], force_2d=True)
        geometries = shapely.from_wkb(shapes)
    except (pyogrio.errors.DataSourceError, shapely.errors.GEOSException, ValueError) as error:
        raise problems.FileBroken(name=name, reason=str(error)[:200]) from error
    fields = [str(field) for field in meta["fields"]]
    features = tuple(
        RawFeature(dict(zip(fields, values, strict=True)), geometry)
        for geometry, *values in zip(geometries, *(c.tolist() for c in columns), strict=True)
    )
    return RawFile(features, meta["crs"])
