"""What can go wrong with a boundary file or a table of points."""

from __future__ import annotations

from server.errors import Problem


class FileUnreadable(Problem):
    """No such file, or one that may not be read."""

    code = "boundaries.file_unreadable"
    vi = "Không đọc được tệp {path}: {reason}."
    en = "Cannot read {path}: {reason}."


class FormatUnknown(Problem):
    """Neither GeoJSON, nor a zipped Shapefile, nor a GeoPackage."""

    code = "boundaries.format_unknown"
    vi = "Không nhận ra dạng tệp «{name}». Dùng .geojson, .json, .zip (Shapefile) hoặc .gpkg."
    en = "The format of {name!r} is unknown. Use .geojson, .json, .zip (Shapefile) or .gpkg."


class ExtraMissing(Problem):
    """A format that needs pyogrio, which is not installed."""

    code = "boundaries.extra_missing"
    status = 501
    vi = (
        "Đọc Shapefile và GeoPackage cần phần bổ sung «geo». Cài: pip install pyogrio==0.13.0, "
        "hoặc đổi tệp sang GeoJSON (WGS 84)."
    )
    en = (
        "Shapefile and GeoPackage need the extra 'geo': pip install pyogrio==0.13.0, or convert "
        "the file to GeoJSON (WGS 84)."
    )


class FileTooLarge(Problem):
    """More bytes than a map of one province can have, packed or unpacked."""

    code = "boundaries.too_large"
    status = 413
    vi = (
        "Tệp lớn quá: giới hạn {limit_mb} MB (kể cả sau khi giải nén). Đơn giản hóa ranh giới "
        "hoặc bỏ bớt lớp."
    )
    en = (
        "The file is too large: at most {limit_mb} MB, unpacked too. Simplify the lines or "
        "drop layers."
    )


class FileBroken(Problem):
    """Bytes that are not what their name says."""

    code = "boundaries.file_broken"
    vi = "Tệp «{name}» hỏng hoặc không đúng dạng: {reason}. Xuất lại tệp từ phần mềm bản đồ."
    en = (
        "{name!r} is broken or is not what it says: {reason}. Export it again from the map "
        "software."
    )


class LayersUnclear(Problem):
    """No layer, or more than one."""

    code = "boundaries.layers_unclear"
    vi = "Tệp phải có đúng một lớp ranh giới; tệp này có {count}: {layers}. Xuất riêng lớp cấp xã."
    en = (
        "The file must hold exactly one layer of boundaries; it has {count}: {layers}. Export "
        "the commune layer alone."
    )


class CrsMissing(Problem):
    """A file that does not say what its coordinates are."""

    code = "boundaries.crs_missing"
    vi = (
        "Tệp không cho biết hệ tọa độ. Thêm --crs, ví dụ --crs EPSG:9213 (VN-2000 múi 3°, "
        "kinh tuyến trục 106°30′); đoán sai sẽ lệch khoảng 224 m."
    )
    en = (
        "The file does not tell its coordinate system. Add --crs, for example --crs EPSG:9213 "
        "(VN-2000 / TM-3 106-30); a wrong guess shifts every line by some 224 m."
    )


class CrsUnknown(Problem):
    """A coordinate system from which no known step leads to WGS 84."""

    code = "boundaries.crs_unknown"
    vi = "Không chuyển được hệ tọa độ «{crs}» sang WGS 84. Nêu mã EPSG bằng --crs, ví dụ EPSG:9213."
    en = (
        "There is no known step from {crs!r} to WGS 84. Name its EPSG code with --crs, for "
        "example EPSG:9213."
    )


class CrsConflict(Problem):
    """The file says one coordinate system and the caller another."""

    code = "boundaries.crs_conflict"
    vi = (
        "Tệp ghi hệ tọa độ «{declared}» nhưng lệnh nêu «{named}». Bỏ --crs; nếu tệp ghi sai, "
        "xóa phần ghi đó (tệp .prj) rồi nạp lại."
    )
    en = (
        "The file says {declared!r} but the command names {named!r}. Leave out --crs; if the "
        "file is wrong, remove its statement (the .prj) first."
    )


class OutsideVietnam(Problem):
    """Coordinates that cannot be degrees of a place in Vietnam."""

    code = "boundaries.outside_vietnam"
    vi = (
        "Tọa độ ({x:.6g}; {y:.6g}) không nằm ở Việt Nam. Kiểm tra hệ tọa độ (--crs) và thứ tự "
        "kinh độ, vĩ độ."
    )
    en = (
        "The coordinates ({x:.6g}, {y:.6g}) are not in Vietnam. Check the coordinate system "
        "(--crs) and the order longitude, latitude."
    )


class NotPolygon(Problem):
    """A feature without an area."""

    code = "boundaries.not_polygon"
    vi = "Đối tượng thứ {position} không phải vùng (Polygon, MultiPolygon): {found}."
    en = "Feature {position} is no Polygon or MultiPolygon: {found}."


class CodeMissing(Problem):
    """No column, or a feature with nothing in it, that says which unit it is."""

    code = "boundaries.code_missing"
    vi = "Không tìm thấy mã đơn vị hành chính{where}. Nêu cột bằng --code-field; các cột: {fields}."
    en = "There is no unit code{where}. Name its column with --code-field; columns: {fields}."


class SpanInvalid(Problem):
    """Days that end before they begin."""

    code = "boundaries.span_invalid"
    vi = "Ngày kết thúc {valid_to:%d/%m/%Y} phải sau ngày bắt đầu {valid_from:%d/%m/%Y}."
    en = "The end {valid_to} must be after the start {valid_from}."


class SpanCrossesChange(Problem):
    """One set of polygons for days on both sides of a reform."""

    code = "boundaries.span_crosses_change"
    vi = (
        "Từ ngày {change:%d/%m/%Y} danh sách xã đã khác, nên ranh giới bắt đầu "
        "{valid_from:%d/%m/%Y} phải kết thúc chậm nhất ngày đó. Sửa --valid-to."
    )
    en = (
        "The communes changed on {change}, so boundaries that start on {valid_from} must end "
        "by that day. Correct --valid-to."
    )


class UnitsDiffer(Problem):
    """Codes that nobody knows on that day, or communes without a polygon."""

    code = "boundaries.units_differ"
    vi = (
        "Ranh giới không khớp danh sách xã ngày {valid_from:%d/%m/%Y}: mã lạ {unknown}; thiếu "
        "{missing}. Không có gì được ghi. Kiểm tra --valid-from và tệp."
    )
    en = (
        "The boundaries do not match the communes of {valid_from}: unknown codes {unknown}; "
        "missing {missing}. Nothing was written. Check --valid-from and the file."
    )


class GeometryInvalid(Problem):
    """Polygons that cross themselves or are otherwise no area."""

    code = "boundaries.geometry_invalid"
    vi = (
        "{count} vùng không hợp lệ: {listed}. Không có gì được ghi. Sửa bằng công cụ «Fix "
        "geometries» của QGIS rồi nạp lại."
    )
    en = (
        "{count} polygons are invalid: {listed}. Nothing was written. Repair them with 'Fix "
        "geometries' of QGIS and load again."
    )


class UnitsNotLoaded(Problem):
    """Boundaries before there is a list of communes."""

    code = "boundaries.units_not_loaded"
    status = 409
    vi = "Chưa có danh sách xã cho ngày {valid_from:%d/%m/%Y}. Chạy lệnh load_units trước."
    en = "There is no list of communes for {valid_from}. Run load_units first."


class ColumnsMissing(Problem):
    """A table of points without columns for them."""

    code = "points.columns_missing"
    vi = "Bảng phải có cột lon và lat (độ, WGS 84). Các cột đọc được: {columns}."
    en = "The table must have columns lon and lat (degrees, WGS 84). Columns found: {columns}."


class RowTooLong(Problem):
    """A row with more cells than the header, usually an unquoted comma."""

    code = "points.row_too_long"
    vi = "Dòng {row} có nhiều ô hơn dòng tiêu đề. Đặt ô có dấu phẩy trong ngoặc kép rồi chạy lại."
    en = "Row {row} has more cells than the header. Quote cells that hold a comma and run again."


class TableUnreadable(Problem):
    """A table of points that is no UTF-8 CSV."""

    code = "points.unreadable"
    vi = "Không đọc được bảng: {reason}. Lưu lại dạng CSV UTF-8."
    en = "Cannot read the table: {reason}. Save it as CSV, UTF-8."


class UnitUnknown(Problem):
    """A unit that no row of the table of units has."""

    code = "communes.unit_unknown"
    status = 404
    vi = (
        "Không có đơn vị «{unit}». Ghi mã@ngày hiệu lực, ví dụ 05443@2025-07-01, hoặc mã@start "
        "cho đơn vị có từ trước."
    )
    en = (
        "There is no unit {unit!r}. Write code@first day, such as 05443@2025-07-01, or code@start "
        "for one that was there before."
    )
    central = 404.1


class CommuneUnknown(Problem):
    """A commune to be given to somebody that there is not."""

    code = "communes.commune_unknown"
    status = 404
    vi = "Không có xã «{unit}». Ghi mã@ngày hiệu lực của một xã; gần nhất là: {nearest}."
    en = "There is no commune {unit!r}. Give code@first day of one; the nearest: {nearest}."
    central = 404.1


class CommunesNotLoaded(Problem):
    """A commune to be given to somebody before there is a list of communes."""

    code = "communes.not_loaded"
    status = 409
    vi = "Chưa có danh mục xã. Chạy lệnh load_units trước."
    en = "There is no list of communes yet. Run load_units first."
