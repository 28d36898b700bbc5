"""What can be wrong with the file of a spoken label. No Django."""

from __future__ import annotations

from server.forms.problems import Complaint


class AudioMissing(Complaint):
    """A file that a label names and the folder lacks."""

    code = "audio.file_missing"
    vi = "Không có tệp âm thanh «{name}». Thu âm rồi để tệp vào thư mục media/ cạnh biểu."
    en = "There is no audio file “{name}”. Record it and put it into media/ beside the workbook."


class AudioTooBig(Complaint):
    """A file that costs too much on a mobile network."""

    code = "audio.too_big"
    vi = "Tệp âm thanh «{name}» nặng {size} byte, tối đa {limit}. Thu ngắn lại hoặc nén thấp hơn."
    en = "The audio file “{name}” has {size} bytes, at most {limit}. Shorten or compress it."


class AudioFormatUnknown(Complaint):
    """A file that phones may not play, or that is not what its name says."""

    code = "audio.format_unknown"
    vi = "Tệp «{name}» không đúng định dạng âm thanh. Dùng {known}, đuôi đúng với nội dung."
    en = "The file “{name}” is no audio of a known format. Use {known}, with the ending it is."


class AudioNameUnsafe(Complaint):
    """A name that leads out of the folder, or that a manifest could not carry."""

    code = "audio.name_unsafe"
    vi = "Tên tệp «{name}» không dùng được. Chỉ dùng chữ, số, dấu cách, _ . -, không có thư mục."
    en = "“{name}” cannot name a file. Use letters, digits, blanks, _ . - and no folder."
