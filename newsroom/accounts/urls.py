"""Addresses of log-in and accounts, below /admin/."""

from django.contrib import admin
from django.contrib.auth import views
from django.urls import path

from . import log_in, pages, password_reset

staff = admin.site.admin_view

urlpatterns = [
    path("login/", log_in.LogInView.as_view()),  # before Django's own, whose name `admin:login` it takes over
    path("login/code/", log_in.log_in_code, name="log_in_code"),
    path("account/", staff(pages.account), name="account"),
    path("account/sessions/end/", staff(pages.end_sessions), name="end_sessions"),
    path("account/second-factor/", staff(pages.set_up), name="second_factor"),
    path("account/second-factor/remove/", staff(pages.remove), name="remove_second_factor"),
    path("account/recovery-codes/", staff(pages.recovery_codes), name="recovery_codes"),
    path("password_change/", staff(pages.change_password)),  # before Django's own, whose name it takes over too
    path("password_reset/", password_reset.AskView.as_view(), name="admin_password_reset"),
    path("password_reset/done/", views.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path("reset/<uidb64>/<token>/", password_reset.ConfirmView.as_view(), name="password_reset_confirm"),
    path("reset/done/", views.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]
