"""The 17 former districts and cities, kept as a filter over communes.

Districts ended on 30 June 2025, so an area is a help for finding a commune in a list, never a
parent of it (domain.md §4.1). The keys are values of the choice list `area` of the forms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """One former district or city."""

    key: str  # choice name in the forms
    district_code: str  # three digits, of the General Statistics Office
    vi: str
    en: str


AREAS: tuple[Area, ...] = (
    Area("bac_kan", "058", "Thành phố Bắc Kạn", "Bac Kan City"),
    Area("pac_nam", "060", "Huyện Pác Nặm", "Pac Nam District"),
    Area("ba_be", "061", "Huyện Ba Bể", "Ba Be District"),
    Area("ngan_son", "062", "Huyện Ngân Sơn", "Ngan Son District"),
    Area("bach_thong", "063", "Huyện Bạch Thông", "Bach Thong District"),
    Area("cho_don", "064", "Huyện Chợ Đồn", "Cho Don District"),
    Area("cho_moi", "065", "Huyện Chợ Mới", "Cho Moi District"),
    Area("na_ri", "066", "Huyện Na Rì", "Na Ri District"),
    Area("thai_nguyen", "164", "Thành phố Thái Nguyên", "Thai Nguyen City"),
    Area("song_cong", "165", "Thành phố Sông Công", "Song Cong City"),
    Area("dinh_hoa", "167", "Huyện Định Hóa", "Dinh Hoa District"),
    Area("phu_luong", "168", "Huyện Phú Lương", "Phu Luong District"),
    Area("dong_hy", "169", "Huyện Đồng Hỷ", "Dong Hy District"),
    Area("vo_nhai", "170", "Huyện Võ Nhai", "Vo Nhai District"),
    Area("dai_tu", "171", "Huyện Đại Từ", "Dai Tu District"),
    Area("pho_yen", "172", "Thành phố Phổ Yên", "Pho Yen City"),
    Area("phu_binh", "173", "Huyện Phú Bình", "Phu Binh District"),
)

_KEY_BY_DISTRICT = {area.district_code: area.key for area in AREAS}


def area_of_district(district_code: str) -> str:
    """Return the key of a district's area, "" when the district is not one of the 17."""
    return _KEY_BY_DISTRICT.get(district_code, "")


def area_of_merged(predecessors: Iterable[tuple[str, str]], code: str) -> str:
    """Return the area of a commune that was merged from others, "" when none is known.

    predecessors: (code, area key) of each former commune that went into it.
    The area with most predecessors wins. On a tie it is the area of the former commune whose
    code the new one took over, because officials file it there; else the first in `AREAS`.
    """
    known = [(former, key) for former, key in predecessors if key]
    if not known:
        return ""
    counted = Counter(key for _, key in known)
    most = max(counted.values())
    leading = [area.key for area in AREAS if counted[area.key] == most]
    inherited = [key for former, key in known if former == code and key in leading]
    return (inherited or leading)[0]
