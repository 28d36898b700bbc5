"""What can go wrong with what a form says about entities.

No device is ever told: its form is received all the same (openrosa.md ET02). The codes are for
whoever looks after the lists, and never hold an answer.
"""

from __future__ import annotations

from server.errors import Problem


class EntityListMissing(Problem):
    """A block that names no list."""

    code = "entity.list_missing"
    vi = "Phiếu không nói bản ghi thuộc danh sách nào. Sửa trang entities của biểu mẫu."
    en = "The form does not say which list the entity belongs to. Correct its entities sheet."


class EntityIdInvalid(Problem):
    """An id that is no UUID of version 4."""

    code = "entity.id_invalid"
    vi = "Mã bản ghi trong phiếu không phải UUID phiên bản 4. Sửa trang entities của biểu mẫu."
    en = "The entity's id is not a UUID of version 4. Correct the form's entities sheet."


class EntityLabelMissing(Problem):
    """A new entity without a label."""

    code = "entity.label_missing"
    vi = "Bản ghi mới trong phiếu không có nhãn. Sửa cột label trong trang entities của biểu mẫu."
    en = "The new entity has no label. Correct the column label of the form's entities sheet."
    central = 400.8


class EntityBaseInvalid(Problem):
    """An update that does not say which version it changes."""

    code = "entity.base_invalid"
    vi = "Phiếu cập nhật không nói sửa từ phiên bản nào của bản ghi ({attribute})."
    en = "The update does not say which version of the entity it changes ({attribute})."


class EntityBranchMissing(Problem):
    """A version on the server, but no branch of updates that left it."""

    code = "entity.branch_missing"
    vi = "Phiếu cập nhật ngoại tuyến thiếu mã nhánh (branchId) hợp lệ. Cập nhật ODK Collect."
    en = "The offline update has no valid branch (branchId). Update ODK Collect."


class EntityNotDeclared(Problem):
    """Something that the form version does not say it does."""

    code = "entity.not_declared"
    status = 403
    vi = "Biểu mẫu không khai báo việc này với danh sách {list}. Sửa trang entities của biểu mẫu."
    en = "The form does not declare that it does this to list {list}. Correct its entities sheet."


class EntityExists(Problem):
    """A new entity under an id that is taken, maybe by a deleted one."""

    code = "entity.exists"
    status = 409
    vi = "Mã này đã có trong danh sách {list}, kể cả bản ghi đã xóa. Lập lại bằng một phiếu mới."
    en = "This id is taken in list {list}, maybe by a deleted entity. Make it in a new form."
    central = 409.3


class EntityUnknown(Problem):
    """An update of what is not there."""

    code = "entity.unknown"
    status = 404
    vi = "Danh sách {list} không có bản ghi cần cập nhật. Tải lại danh sách trên máy rồi làm lại."
    en = "List {list} has no such entity to update. Fetch the list again and repeat the update."


class EntityVersionDiffers(Problem):
    """Somebody else changed it first."""

    code = "entity.version_differs"
    status = 409
    vi = "Bản ghi đã sang phiên bản {current}. Tải lại, xem thay đổi mới rồi làm lại."
    en = "The entity is at version {current} by now. Load it again, look, and repeat the change."
    central = 409.15


class ConflictUnknown(Problem):
    """No such conflict that the caller may see."""

    code = "conflict.unknown"
    status = 404
    vi = "Không có xung đột này. Tải lại danh sách xung đột."
    en = "There is no such conflict. Load the list of conflicts again."
    central = 404.1


class ConflictDecided(Problem):
    """Somebody else was quicker."""

    code = "conflict.decided"
    status = 409
    vi = "{by} đã quyết định xung đột này lúc {at}. Tải lại bản ghi; cần sửa thì lập thay đổi mới."
    en = "{by} decided this conflict at {at}. Load the entity again; change it anew if need be."
    central = 409.0


class ConflictReasonMissing(Problem):
    """A decision without a word."""

    code = "conflict.reason_missing"
    vi = "Chưa ghi lý do chọn. Ghi rõ vì sao giữ bên này, bỏ bên kia."
    en = "No reason was given. Say why one side stands and not the other."
    central = 400.2


class PropertyUndisputed(Problem):
    """A choice about what nobody disputes."""

    code = "conflict.property_undisputed"
    vi = "Hai bên không khác nhau ở «{property}». Chỉ chọn cho các trường có khác biệt."
    en = "The two sides do not differ in {property!r}. Choose only for what is disputed."
    central = 400.8


class EntityListUnknown(Problem):
    """A list that no published form of the project makes, changes or asks for."""

    code = "entity.list_unknown"
    status = 404
    vi = "Không có biểu nào đã phát hành dùng danh sách {list}. Kiểm tra lại tên danh sách."
    en = "No published form uses an entity list {list}. Check its name."
    central = 404.1


class EntityPropertyUnknown(Problem):
    """A property that no form gives to the entities of a list."""

    code = "entity.property_unknown"
    vi = "Danh sách {list} không có thuộc tính {property}. Chọn một trong: {known}."
    en = "List {list} has no property {property}. Choose one of: {known}."
    central = 400.28


class EntityMissing(Problem):
    """No such entity that the caller may see."""

    code = "entity.missing"
    status = 404
    vi = "Danh sách không có bản ghi này, hoặc bản ghi thuộc xã khác. Tải lại danh sách."
    en = "The list has no such entity, or it is another commune's. Load the list again."
    central = 404.1


class EntityCommuneRefused(Problem):
    """An entity of a commune that the caller does not answer for."""

    code = "entity.commune_refused"
    status = 403
    vi = "Bản ghi thuộc xã ngoài phạm vi của bạn (thuộc tính xa). Chọn xã bạn phụ trách."
    en = "The entity is of a commune (property xa) that you do not answer for. Choose one of yours."
    central = 403.1


class EntityListKept(Problem):
    """A list that the server keeps by itself."""

    code = "entity.list_kept"
    status = 409
    vi = "Danh sách {list} do máy chủ tự lập, không sửa trực tiếp được. Duyệt hồ sơ để thay đổi nó."
    en = "The server keeps list {list} by itself. Review submissions to change it."
    central = 409.0


class EntityListExists(Problem):
    """Another list under the same name."""

    code = "entity.list_exists"
    status = 409
    vi = "Dự án đã có danh sách {list} (không phân biệt chữ hoa, chữ thường). Đặt tên khác."
    en = "The project has a list {list} already, whatever the case of its letters. Name another."
    central = 409.3


class EntityPropertyExists(Problem):
    """Another property under the same name."""

    code = "entity.property_exists"
    status = 409
    vi = "Danh sách {list} đã có thuộc tính {property} (kể cả khác chữ hoa, chữ thường)."
    en = "List {list} has a property {property} already, whatever the case of its letters."
    central = 409.3
