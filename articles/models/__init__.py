"""The models, and what goes with them. Other packages and migrations import from here only."""

from ..db.fields import URL_LENGTH, BytewiseField, Verbatim, VerbatimField, VerbatimTextField
from .accounts import BROWSER_LENGTH, LogIn, MailRequest, OpenSession, Preference, RecoveryCode, SecondFactor, Throttle
from .actions import Action, ActionRow
from .article_parts import ArticleTag, ArticleTopic
from .articles import MAX_EXCERPT, MAX_NOTE, SCORED, Article
from .drafts import FILES_KEPT, Draft, KeptFile
from .fields import AddressField
from .history import Change, Conflict
from .imports import PLACE_LENGTH, DeletedArticle, ImportedFile, ImportedTable, ImportRun, Mapping, RelatedItem
from .links import RelatedLink
from .newsletter import Delivery, Issue, IssueArticle, Subscriber, make_token
from .pictures import ArticleImage, Picture, ProviderImage
from .querysets import (
    ORDERS,
    PERIODS,
    ArticleQuerySet,
    BoostQuerySet,
    ConflictQuerySet,
    PinQuerySet,
    ProviderQuerySet,
    RelatedLinkQuerySet,
    first_of_stories,
    readable,
    start_of,
)
from .ranking import MAX_BOOST, Boost, Pin
from .roles import Role
from .runs import LastRun
from .search import ReindexRequest, SearchEntry
from .sources import Source
from .states import State
from .stories import SLUG_LENGTH, Story
from .suggestions import ArticleTerm, Postponed, Suggestion
from .syndication import HubNotice
from .taxonomy import PrintedNameField, Provider, ProviderAlias, Topic, TopicAlias
from .topic_names import TopicQuerySet
from .triage import Mark, SavedFilter, Visit
from .uploads import UPLOADS_KEPT, Upload

__all__ = [
    "BROWSER_LENGTH",
    "FILES_KEPT",
    "MAX_BOOST",
    "MAX_EXCERPT",
    "MAX_NOTE",
    "ORDERS",
    "PERIODS",
    "PLACE_LENGTH",
    "SCORED",
    "SLUG_LENGTH",
    "UPLOADS_KEPT",
    "URL_LENGTH",
    "Action",
    "ActionRow",
    "AddressField",
    "Article",
    "ArticleImage",
    "ArticleQuerySet",
    "ArticleTag",
    "ArticleTerm",
    "ArticleTopic",
    "Boost",
    "BoostQuerySet",
    "BytewiseField",
    "Change",
    "Conflict",
    "ConflictQuerySet",
    "DeletedArticle",
    "Delivery",
    "Draft",
    "HubNotice",
    "ImportRun",
    "ImportedFile",
    "ImportedTable",
    "Issue",
    "IssueArticle",
    "KeptFile",
    "LastRun",
    "LogIn",
    "MailRequest",
    "Mapping",
    "Mark",
    "OpenSession",
    "Picture",
    "Pin",
    "PinQuerySet",
    "Postponed",
    "Preference",
    "PrintedNameField",
    "Provider",
    "ProviderAlias",
    "ProviderImage",
    "ProviderQuerySet",
    "RecoveryCode",
    "ReindexRequest",
    "RelatedItem",
    "RelatedLink",
    "RelatedLinkQuerySet",
    "Role",
    "SavedFilter",
    "SearchEntry",
    "SecondFactor",
    "Source",
    "State",
    "Story",
    "Subscriber",
    "Suggestion",
    "Throttle",
    "Topic",
    "TopicAlias",
    "TopicQuerySet",
    "Upload",
    "Verbatim",
    "VerbatimField",
    "VerbatimTextField",
    "Visit",
    "first_of_stories",
    "make_token",
    "readable",
    "start_of",
]
