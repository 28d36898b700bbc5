"""Everything in one go with pyodk, as it is: `python pyodk_tour.py config.toml form.xlsx`."""

import sys

from pyodk.client import Client

RECORD = """<data id="tham_xa" version="2" xmlns:orx="http://openrosa.org/xforms">
<xa>Đồng Hỷ</xa><nu>{women}</nu>
<meta><orx:instanceID>{new}</orx:instanceID>{old}</meta></data>"""
OLD = "<orx:deprecatedID>uuid:1</orx:deprecatedID>"

with Client(config_path=sys.argv[1]) as client:
    form = client.forms.create(sys.argv[2])  # published
    client.forms.update(form.xmlFormId, attachments=[], version_updater=lambda _: "2")
    (device,) = client.projects.create_app_users(["Máy 1"], forms=[form.xmlFormId])
    post = f"key/{device.token}/projects/{client.config.central.default_project_id}/submission"
    first = RECORD.format(women=1, new="uuid:1", old="")
    phone = {"X-OpenRosa-Version": "1.0"}
    client.post(post, headers=phone, files={"xml_submission_file": ("1.xml", first, "text/xml")})
    client.submissions.default_form_id = form.xmlFormId
    client.submissions.create(RECORD.format(women=4, new="uuid:3", old=""))  # as a program
    records = client.submissions.list()
    table = client.submissions.get_table(filter="__system/reviewState eq null", count=True)
    client.submissions.add_comment("uuid:1", "Đếm lại số nữ trong ban chỉ đạo.")
    client.submissions.review("uuid:1", "hasIssues")
    client.submissions.edit("uuid:1", RECORD.format(women=2, new="uuid:2", old=OLD), comment="Xong")
    client.entity_lists.create(entity_list_name="co_so")
    client.entity_lists.add_property("dia_chi", entity_list_name="co_so")
    place = client.entities.create("Tạm lánh số 1", {"dia_chi": "Thôn 3"}, "co_so")
    moved = {"dia_chi": "Thôn 4"}
    place = client.entities.update(place.uuid, "co_so", data=moved, base_version=1)
    print(len(records), table["@odata.count"], place.currentVersion.version)
