"""Addresses of the API."""

from __future__ import annotations

from django.urls import path

from server.api import (
    audits,
    communes,
    conflicts,
    datasets,
    entities,
    entities_bulk,
    entity_failures,
    entity_history,
    exports_urls,
    figures,
    flags,
    forms_urls,
    judged,
    keys,
    odata_urls,
    overview,
    periods,
    plans,
    quarantine,
    recommendations,
    returned_tasks,
    submission_urls,
    views,
    webhooks_urls,
)
from server.api.schema import Schema

_SUBMISSION = "v1/projects/<int:project_id>/forms/<text:form_id>/submissions/<text:instance_id>"

_DATASET = "v1/projects/<int:project_id>/datasets/<text:name>"

urlpatterns = [
    *odata_urls.urlpatterns,  # before forms and lists: an id may hold dots
    *exports_urls.urlpatterns,
    path("v1/audits", audits.Audits.as_view()),
    path("v1/sessions", views.Sessions.as_view()),
    path("v1/sessions/current", views.CurrentSession.as_view()),
    path("v1/projects/<int:project_id>/keys", keys.ApiKeys.as_view()),
    path("v1/projects/<int:project_id>/keys/<int:api_key_id>", keys.OneApiKey.as_view()),
    path("v1/projects/<int:project_id>/summary", views.SummaryJson.as_view()),
    path("v1/projects/<int:project_id>/summary.csv", views.SummaryCsv.as_view(), {"format": "csv"}),
    path("v1/projects/<int:project_id>/indicators", figures.IndicatorsJson.as_view()),
    path(
        "v1/projects/<int:project_id>/indicators.csv",
        figures.IndicatorsCsv.as_view(),
        {"format": "csv"},
    ),
    path("v1/projects/<int:project_id>/communes", communes.Communes.as_view()),
    path("v1/projects/<int:project_id>/locate", communes.Locate.as_view()),
    path("v1/projects/<int:project_id>/findings", judged.Findings.as_view()),
    path("v1/projects/<int:project_id>/flags", judged.ProjectFlags.as_view()),
    path("v1/projects/<int:project_id>/crosswalk", figures.Crosswalk.as_view()),
    path("v1/projects/<int:project_id>/overview", overview.OverviewJson.as_view()),
    path(
        "v1/projects/<int:project_id>/overview.csv",
        overview.OverviewCsv.as_view(),
        {"format": "csv"},
    ),
    path("v1/projects/<int:project_id>/quarantine", quarantine.Quarantine.as_view()),
    path(
        "v1/projects/<int:project_id>/quarantine/<int:quarantined_id>",
        quarantine.QuarantinedOne.as_view(),
    ),
    *submission_urls.urlpatterns,
    path(f"{_SUBMISSION}/flags", flags.Flags.as_view()),
    path(f"{_SUBMISSION}/flags/<text:code>", flags.OneFlag.as_view()),
    path("v1/projects/<int:project_id>/plans", plans.Plans.as_view()),
    path("v1/projects/<int:project_id>/plans/<int:plan_id>", plans.OnePlan.as_view()),
    path("v1/projects/<int:project_id>/plans/<int:plan_id>/items", plans.PlanItems.as_view()),
    path(
        "v1/projects/<int:project_id>/plans/<int:plan_id>/items/<int:item_id>",
        plans.OnePlanItem.as_view(),
    ),
    path("v1/projects/<int:project_id>/plans/<int:plan_id>/history", plans.PlanHistory.as_view()),
    path("v1/projects/<int:project_id>/coverage", plans.PlanCoverage.as_view()),
    path("v1/projects/<int:project_id>/periods", periods.Periods.as_view()),
    path("v1/projects/<int:project_id>/periods/<text:name>", periods.OnePeriod.as_view()),
    path(
        "v1/projects/<int:project_id>/periods/<text:name>/snapshots/<int:number>",
        periods.PeriodSnapshot.as_view(),
    ),
    path("v1/projects/<int:project_id>/returned-tasks", returned_tasks.ReturnedTasks.as_view()),
    path(f"{_SUBMISSION}/returned-task", returned_tasks.ReturnedTaskOfOne.as_view()),
    path("v1/projects/<int:project_id>/entity-failures", entity_failures.EntityFailures.as_view()),
    path("v1/projects/<int:project_id>/conflicts", conflicts.Conflicts.as_view()),
    path(
        "v1/projects/<int:project_id>/conflicts/<int:conflict_id>", conflicts.OneConflict.as_view()
    ),
    path("v1/projects/<int:project_id>/recommendations", recommendations.Recommendations.as_view()),
    path(
        "v1/projects/<int:project_id>/recommendations/waiting",
        recommendations.WaitingRecommendations.as_view(),
    ),
    path(
        "v1/projects/<int:project_id>/recommendations/<uuid:uuid>",
        recommendations.OneRecommendation.as_view(),
    ),
    path(
        "v1/projects/<int:project_id>/recommendations/<uuid:uuid>/commune",
        recommendations.RecommendationCommune.as_view(),
    ),
    path("v1/projects/<int:project_id>/datasets", datasets.Datasets.as_view()),
    path(_DATASET, datasets.OneDataset.as_view()),
    path(f"{_DATASET}/properties", datasets.DatasetProperties.as_view()),
    path(f"{_DATASET}/entities", entities.Entities.as_view()),
    path(f"{_DATASET}/entities.csv", entities.EntitiesCsv.as_view(), {"format": "csv"}),
    path(f"{_DATASET}/entities.geojson", entities_bulk.EntityPlaces.as_view()),
    path(f"{_DATASET}/entities/bulk-delete", entities_bulk.EntitiesDeletion.as_view()),
    path(f"{_DATASET}/entities/bulk-restore", entities_bulk.EntitiesRestoration.as_view()),
    path(f"{_DATASET}/entities/creators", entities_bulk.EntityCreators.as_view()),
    path(f"{_DATASET}/entities/<uuid:uuid>/geojson", entities_bulk.OneEntityPlace.as_view()),
    path(f"{_DATASET}/entities/<uuid:uuid>", entities.OneEntity.as_view()),
    path(f"{_DATASET}/entities/<uuid:uuid>/restore", entities.EntityRestore.as_view()),
    path(f"{_DATASET}/entities/<uuid:uuid>/versions", entity_history.EntityVersions.as_view()),
    path(f"{_DATASET}/entities/<uuid:uuid>/diffs", entity_history.EntityDiffs.as_view()),
    path(f"{_DATASET}/entities/<uuid:uuid>/audits", entity_history.EntityAudits.as_view()),
    *webhooks_urls.urlpatterns,
    *forms_urls.urlpatterns,
    path("v1/schema", Schema.as_view()),
]
