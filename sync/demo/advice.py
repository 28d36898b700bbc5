"""What inspectors recommend with the other forms, by condition; made up, as minutes put it."""

from __future__ import annotations

from collections.abc import Mapping

from sync.demo.recommendations import Advice

_UBND, _HOI, _HEAD, _EMPLOYER = "ubnd_xa", "hoi_lhpn_xa", "nguoi_dung_dau", "nguoi_su_dung_ld"
_MEND, _PAPERS, _MONEY = "khac_phuc", "bo_sung_ho_so", "bo_tri_kinh_phi"
_TRAIN, _ORGANISE = "tap_huan", "kien_toan_to_chuc"


def _one(kind: str, owner: str, severity: str, text: str) -> tuple[Advice, ...]:
    return (Advice(kind, owner, severity, text),)


OTHER_ADVICE: Mapping[str, Mapping[str, tuple[Advice, ...]]] = {
    "kt_da8": {
        "B1": _one(
            _ORGANISE,
            _UBND,
            "cao",
            "Ban hành quyết định thành lập đủ số tổ truyền thông cộng đồng theo kế hoạch đã giao.",
        ),
        "B2": _one(
            _MEND,
            _HOI,
            "trung_binh",
            "Duy trì sinh hoạt của các tổ truyền thông cộng đồng hằng tháng, ghi sổ từng buổi.",
        ),
        "B3": _one(
            _MEND,
            _UBND,
            "trung_binh",
            "Rà soát, chi trả đủ gói hỗ trợ sinh đẻ an toàn cho số bà mẹ đủ điều kiện còn thiếu.",
        ),
        "B4": _one(
            _MEND,
            _HOI,
            "trung_binh",
            "Hướng dẫn thành lập thêm tổ nhóm sinh kế do phụ nữ làm chủ theo kế hoạch năm.",
        ),
        "B6": _one(
            _MEND,
            _HOI,
            "cao",
            "Củng cố địa chỉ tin cậy ở cộng đồng theo kế hoạch, phân công người trực và mở sổ.",
        ),
        "B7": _one(
            _MEND,
            _UBND,
            "trung_binh",
            "Tổ chức đủ số cuộc đối thoại chính sách cấp xã và cụm xóm, trả lời kiến nghị đã nêu.",
        ),
        "B8": _one(
            _MEND,
            _UBND,
            "trung_binh",
            "Phối hợp nhà trường thành lập đủ câu lạc bộ Thủ lĩnh của sự thay đổi theo kế hoạch.",
        ),
        "B9b": _one(
            _PAPERS,
            _UBND,
            "trung_binh",
            "Giải trình phần chi cho tổ nhóm sinh kế vượt định mức, bổ sung chứng từ kèm theo.",
        ),
        "B12": _one(
            _PAPERS,
            _HOI,
            "trung_binh",
            "Xây dựng quy chế và kế hoạch hoạt động cho tổ truyền thông của xóm được kiểm tra.",
        ),
    },
    "kt_bdg": {
        "C1a": _one(
            _MEND,
            _HEAD,
            "cao",
            "Ban hành kế hoạch về bình đẳng giới và vì sự tiến bộ của phụ nữ ngay trong quý này.",
        ),
        "C1b": _one(
            _MEND,
            _HEAD,
            "trung_binh",
            "Cụ thể hóa các mục tiêu của Chiến lược quốc gia về bình đẳng giới vào kế hoạch năm.",
        ),
        "C1c": _one(
            _MEND,
            _HEAD,
            "trung_binh",
            "Triển khai Chương trình phòng ngừa, ứng phó với bạo lực trên cơ sở giới tại đơn vị.",
        ),
        "C1d": _one(
            _MEND,
            _HEAD,
            "trung_binh",
            "Xây dựng nội dung truyền thông về bình đẳng giới phù hợp với từng nhóm đối tượng.",
        ),
        "C2": _one(
            _ORGANISE,
            _HEAD,
            "cao",
            "Rà soát đội ngũ cán bộ nữ, bổ sung quy hoạch và cử đi đào tạo theo tỷ lệ đã đề ra.",
        ),
        "C3": _one(
            _PAPERS,
            _HEAD,
            "cao",
            "Lập bảng tổng hợp số liệu về bạo lực, xâm hại phụ nữ và trẻ em, cập nhật hằng quý.",
        ),
        "C3c": _one(
            _MEND,
            _HEAD,
            "cao",
            "Ban hành quy trình phối hợp, chuyển gửi và niêm yết số điện thoại tiếp nhận tin.",
        ),
        "C5a": _one(
            _ORGANISE,
            _HEAD,
            "cao",
            "Kiện toàn Ban Vì sự tiến bộ của phụ nữ sau khi sắp xếp tổ chức bộ máy.",
        ),
        "C5b": _one(
            _ORGANISE,
            "ban_vstbpn",
            "trung_binh",
            "Ban hành quy chế làm việc và phân công nhiệm vụ cho từng thành viên của Ban.",
        ),
        "C5c": _one(
            _MEND,
            "ban_vstbpn",
            "trung_binh",
            "Họp định kỳ ít nhất sáu tháng một lần, có biên bản và thông báo kết luận.",
        ),
        "C7a": _one(
            _MEND,
            _HEAD,
            "trung_binh",
            "Gửi báo cáo sáu tháng đúng hạn trước ngày 10 tháng 6 theo kế hoạch của tỉnh.",
        ),
        "C7b": _one(
            _MEND,
            _HEAD,
            "trung_binh",
            "Gửi báo cáo năm đúng hạn trước ngày 10 tháng 11 theo kế hoạch của tỉnh.",
        ),
        "C7d": _one(
            _MONEY,
            _HEAD,
            "cao",
            "Bố trí kinh phí cho hoạt động bình đẳng giới trong dự toán năm của đơn vị.",
        ),
    },
    "kt_ldn": {
        "D1": _one(
            _MEND,
            _EMPLOYER,
            "cao",
            "Rà soát thang lương, quy chế trả lương, bảo đảm lao động nam và nữ làm việc như nhau "
            "được trả lương như nhau.",
        ),
        "D2": _one(
            _MEND,
            _EMPLOYER,
            "trung_binh",
            "Tổ chức đối thoại định kỳ, ghi biên bản ý kiến của đại diện lao động nữ.",
        ),
        "D3": _one(
            _MEND,
            _EMPLOYER,
            "cao",
            "Bố trí thêm buồng vệ sinh, buồng tắm cho lao động nữ tại các xưởng còn thiếu.",
        ),
        "D4": _one(
            _MEND,
            _EMPLOYER,
            "trung_binh",
            "Bổ sung khám chuyên khoa phụ sản vào hợp đồng khám sức khỏe định kỳ.",
        ),
        "D5": _one(
            _MEND,
            _EMPLOYER,
            "trung_binh",
            "Quy định rõ trong nội quy thời gian nghỉ đối với lao động nữ theo Nghị định 145.",
        ),
        "D6": _one(
            _MEND,
            _EMPLOYER,
            "cao",
            "Thực hiện đủ thời gian nghỉ hưởng lương cho lao động nữ nuôi con dưới 12 tháng tuổi.",
        ),
        "D7": _one(
            _MEND,
            _EMPLOYER,
            "cao",
            "Lắp đặt phòng vắt, trữ sữa mẹ đủ tiêu chuẩn tại nơi làm việc.",
        ),
        "D8": _one(
            _MONEY,
            _EMPLOYER,
            "trung_binh",
            "Xây dựng phương án hỗ trợ một phần chi phí gửi trẻ cho lao động nữ.",
        ),
        "D13": _one(
            _MEND,
            _EMPLOYER,
            "cao",
            "Bổ sung nội quy lao động đủ các nội dung về phòng, chống quấy rối tại nơi làm việc.",
        ),
        "D14": _one(
            _TRAIN,
            "cong_doan",
            "trung_binh",
            "Tổ chức phổ biến quy định phòng, chống quấy rối tại nơi làm việc cho người lao động.",
        ),
        "D15": _one(
            _MEND,
            _EMPLOYER,
            "trung_binh",
            "Lập kênh tiếp nhận phản ánh bảo đảm bí mật và thông báo cho toàn thể người lao động.",
        ),
        "D16": _one(
            _PAPERS,
            _EMPLOYER,
            "thap",
            "Gửi báo cáo về thực hiện chính sách đối với lao động nữ theo yêu cầu của đoàn.",
        ),
    },
}
