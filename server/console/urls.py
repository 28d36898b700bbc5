"""Addresses of the pages, in words that people can read; a project's stand below `du-an/<id>/`.

Form ids and instanceIDs are the designer's and the phones' own text and may hold any character.
"""

from __future__ import annotations

from django.urls import path

from server.console import (
    audit_page,
    bulk_approval,
    communes,
    devices,
    exports,
    form_acts,
    forms,
    home,
    maps,
    periods,
    plans,
    quarantine,
    recommendation_conflicts,
    recommendations,
    record,
    record_acts,
    records,
    sign_in,
    totals,
)

_PROJECT = "du-an/<int:project_id>"
_PLANS = f"{_PROJECT}/ke-hoach"
_ADVICE = f"{_PROJECT}/kien-nghi"
_RECORD = f"{_PROJECT}/ho-so/<str:form_id>/<str:instance_id>"
_FORM = f"{_PROJECT}/bieu-mau/<str:form_id>"
_DEVICE = f"{_PROJECT}/thiet-bi/<int:app_user_id>"

urlpatterns = [
    path("", sign_in.front, name="front"),
    path("dang-nhap", sign_in.sign_in, name="sign_in"),
    path("dang-xuat", sign_in.sign_out, name="sign_out"),
    path("ngon-ngu", sign_in.choose_language, name="choose_language"),
    path(_PROJECT, home.home, name="home"),
    path(f"{_PROJECT}/thiet-bi", devices.app_users, name="app_users"),
    path(f"{_PROJECT}/thiet-bi/moi", devices.new_app_users, name="new_app_users"),
    path(f"{_PROJECT}/thiet-bi/the", devices.cards_sheet, name="app_user_cards"),
    path(_DEVICE, devices.app_user, name="app_user"),
    path(f"{_DEVICE}/quyen", devices.grant, name="grant_app_user"),
    path(f"{_DEVICE}/thu-hoi", devices.revoke, name="revoke_app_user"),
    path(f"{_DEVICE}/cap-lai", devices.reissue, name="reissue_app_user"),
    path(f"{_PROJECT}/nhat-ky", audit_page.audit_log, name="audit"),
    path(f"{_PROJECT}/nhat-ky/kiem-tra", audit_page.verify_audit, name="verify_audit"),
    path(f"{_PROJECT}/nhat-ky.csv", audit_page.audit_file, name="audit_file"),
    path(f"{_PROJECT}/duyet-loat", bulk_approval.approve_many, name="approve_many"),
    path(f"{_PROJECT}/tep", exports.exports, name="exports"),
    path(f"{_PROJECT}/tep/moi", exports.new_export, name="new_export"),
    path(f"{_PROJECT}/tep/<int:export_id>", exports.export_file, name="export_file"),
    path(f"{_PROJECT}/tep/<int:export_id>/huy", exports.cancel_export, name="cancel_export"),
    path(f"{_PROJECT}/ho-so", records.records, name="records"),
    path(_PLANS, plans.plans, name="plans"),
    path(f"{_PLANS}/moi", plans.new_plan, name="new_plan"),
    path(f"{_PLANS}/<int:plan_id>", plans.one_plan, name="plan"),
    path(f"{_PLANS}/<int:plan_id>/trang-thai", plans.set_plan_state, name="plan_state"),
    path(f"{_PLANS}/<int:plan_id>/them", plans.add_to_plan, name="add_to_plan"),
    path(f"{_PLANS}/<int:plan_id>/don-vi/<int:item_id>", plans.plan_item, name="plan_item"),
    path(f"{_PROJECT}/ky-bao-cao", periods.periods, name="periods"),
    path(f"{_PROJECT}/ky-bao-cao/<str:name>", periods.one_period, name="period"),
    path(f"{_PROJECT}/ky-bao-cao/<str:name>/khoa", periods.lock, name="lock_period"),
    path(f"{_PROJECT}/ky-bao-cao/<str:name>/dinh-chinh", periods.correct, name="correct_period"),
    path(
        f"{_PROJECT}/ky-bao-cao/<str:name>/ban-chot/<int:number>",
        periods.snapshot,
        name="snapshot",
    ),
    path(_ADVICE, recommendations.recommendations, name="recommendations"),
    path(f"{_ADVICE}/<uuid:uuid>", recommendations.recommendation, name="recommendation"),
    path(f"{_ADVICE}/<uuid:uuid>/xa", recommendations.settle, name="settle_recommendation"),
    path(
        f"{_ADVICE}/xung-dot/<int:conflict_id>",
        recommendation_conflicts.recommendation_conflict,
        name="recommendation_conflict",
    ),
    path(_RECORD, record.record, name="record"),
    path(f"{_RECORD}/quyet-dinh", record_acts.decide, name="decide"),
    path(f"{_RECORD}/nhan-xet", record_acts.comment, name="comment"),
    path(f"{_RECORD}/canh-bao/<str:code>", record_acts.justify, name="justify"),
    path(f"{_RECORD}/mo-xem", record_acts.reveal, name="reveal"),
    path(f"{_RECORD}/tep/<str:name>", record.file, name="record_file"),
    path(f"{_PROJECT}/ban-do", maps.map_page, name="map"),
    path(f"{_PROJECT}/xa", communes.communes, name="communes"),
    path(f"{_PROJECT}/xa/<str:uid>", communes.commune, name="commune"),
    path(f"{_PROJECT}/tong-hop", totals.summary_page, name="summary"),
    path(f"{_PROJECT}/tong-hop.<str:kind>", totals.summary_file, name="summary_file"),
    path(f"{_PROJECT}/tong-hop/chi-so", totals.indicators_page, name="indicators"),
    path(f"{_PROJECT}/tong-hop/chi-so.csv", totals.indicators_file, name="indicators_file"),
    path(f"{_PROJECT}/bieu-mau", forms.forms, name="forms"),
    path(f"{_PROJECT}/tai-bieu-len", form_acts.upload, name="upload_form"),
    path(_FORM, forms.form, name="form"),
    path(f"{_FORM}/so-sanh", forms.form_difference, name="form_difference"),
    path(f"{_FORM}/bang-tinh", forms.form_workbook, name="form_workbook"),
    path(f"{_FORM}/trang-thai", form_acts.set_state, name="set_form_state"),
    path(f"{_FORM}/ma-ban-thu", form_acts.reissue, name="reissue_draft"),
    path(f"{_FORM}/bo-ban-thu", form_acts.discard, name="discard_draft"),
    path(f"{_FORM}/tep-ban-thu", form_acts.give_file, name="give_draft_file"),
    path(f"{_FORM}/phat-hanh", form_acts.publish, name="publish_draft"),
    path(f"{_PROJECT}/cach-ly", quarantine.quarantine, name="quarantine"),
    path(f"{_PROJECT}/cach-ly/<int:quarantined_id>", quarantine.quarantined, name="quarantined"),
]
