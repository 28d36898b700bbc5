"""What can be wrong with an address that wants to be told."""

from __future__ import annotations

from server.errors import Problem


class WebhookUnknown(Problem):
    """No such webhook in the project."""

    code = "webhook.unknown"
    status = 404
    vi = "Dự án này không có webhook {id}. Xem danh sách tại …/webhooks."
    en = "This project has no webhook {id}. See …/webhooks for those it has."
    central = 404.1


class DeliveryUnknown(Problem):
    """No such delivery of the webhook."""

    code = "webhook.delivery_unknown"
    status = 404
    vi = "Webhook này không có lần gửi {id}; lần gửi cũ hơn 30 ngày đã được xóa."
    en = "This webhook has no delivery {id}; those older than 30 days are removed."
    central = 404.1


class WebhookUrl(Problem):
    """An address that nothing may be posted to."""

    code = "webhook.url"
    vi = (
        "Không gửi được tới địa chỉ này: phải là https://, không kèm tên và mật khẩu, không thuộc "
        "mạng nội bộ. Sửa địa chỉ, hoặc nhờ người quản trị đặt WEBHOOK_ALLOW, WEBHOOK_HTTP."
    )
    en = (
        "Nothing may be posted to this address: it must be https://, without a name and password, "
        "and in no private network. Change it, or have WEBHOOK_ALLOW or WEBHOOK_HTTP set."
    )


class WebhookTaken(Problem):
    """The project has a webhook with that address."""

    code = "webhook.taken"
    status = 409
    vi = "Dự án đã có webhook tới địa chỉ này. Sửa webhook đó thay vì thêm mới."
    en = "The project has a webhook with this address. Change that one."
    central = 409.3


class WebhooksFull(Problem):
    """Too many of them."""

    code = "webhook.full"
    status = 409
    vi = "Mỗi chương trình có tối đa {most} webhook. Xóa bớt rồi thêm lại."
    en = "A project has at most {most} webhooks. Remove one, then add this one."
    central = 409.3


class WebhookInactive(Problem):
    """Nothing is sent to one that is switched off."""

    code = "webhook.inactive"
    status = 409
    vi = "Webhook đang tắt nên không gửi gì. Bật lên (isActive: true) rồi thử lại."
    en = "The webhook is switched off, so nothing is sent. Switch it on (isActive: true) first."
    central = 409.3
