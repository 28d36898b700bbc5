"""Why the entity blocks of a submission were not carried out. The submission stands all the same.

Their codes are kept with the submission (EntitySource.failure) and written to the log; details
name lists and numbers, never answers.
"""

from __future__ import annotations

from server.errors import Problem


class EntityProblem(Problem):
    """A block that cannot be carried out."""


class EntityIdInvalid(EntityProblem):
    """No UUID of version 4."""

    code = "entity.id_invalid"
    vi = "Mã của dòng trong danh sách {list} không phải UUID bản 4. Kiểm tra lại biểu mẫu."
    en = "The id of an entity of list {list} is no UUID of version 4. Mend the form."


class EntityLabelMissing(EntityProblem):
    """Created without a label."""

    code = "entity.label_missing"
    vi = "Dòng mới của danh sách {list} không có nhãn. Sửa hồ sơ cho đủ nội dung rồi gửi lại."
    en = "A new entity of list {list} has no label. Complete the submission and send it again."


class EntityNotDeclared(EntityProblem):
    """Something that the form version does not say it does."""

    code = "entity.not_declared"
    status = 403
    vi = "Biểu mẫu không khai báo việc này với danh sách {list}. Kiểm tra lại biểu mẫu."
    en = "The form does not declare that it does this to list {list}. Mend the form."


class EntityExists(EntityProblem):
    """A new entity under an id that is taken, by a deleted one too."""

    code = "entity.exists"
    status = 409
    vi = "Mã này đã có trong danh sách {list}, kể cả dòng đã xóa. Lập lại bằng một hồ sơ mới."
    en = "This id is taken in list {list}, maybe by a deleted entity. Make it in a new submission."


class EntityUnknown(EntityProblem):
    """An update of what is not there."""

    code = "entity.unknown"
    status = 404
    vi = "Danh sách {list} không có dòng cần cập nhật. Tải lại danh sách trên máy rồi làm lại."
    en = "List {list} has no such entity to update. Fetch the list again and repeat the update."


class EntityBaseInvalid(EntityProblem):
    """An update that does not say which version it was made from, or one that never was."""

    code = "entity.base_version_invalid"
    vi = "Cập nhật danh sách {list} không nói đúng bản gốc. Tải lại danh sách trên máy rồi làm lại."
    en = "An update of list {list} names no version there is. Fetch the list again and repeat it."


class EntityBranchInvalid(EntityProblem):
    """A trunk without a branch, or a branch that is no UUID."""

    code = "entity.branch_invalid"
    vi = "Cập nhật ngoại tuyến của danh sách {list} thiếu mã nhánh. Kiểm tra lại biểu mẫu."
    en = "An offline update of list {list} has no branch. Mend the form."
