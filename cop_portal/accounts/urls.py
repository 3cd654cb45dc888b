"""Signing in and out, the second factor, /me/ and platform roles. Only these of allauth's pages exist: no sign-up, no
link in a mail."""

from django.urls import include, path

from cop_portal.accounts.views import addresses, drafts, me, own_data, roles, second_factor, sign_in

# allauth looks its pages up by these names, without a namespace.
sign_in_urls = [
    path("", sign_in.RequestCode.as_view(), name="account_login"),
    # The same page under the name by which allauth leads back from the code.
    path("", sign_in.RequestCode.as_view(), name="account_request_login_code"),
    path("code/", sign_in.ConfirmCode.as_view(), name="account_confirm_login_code"),
    path("password/", sign_in.PasswordSignIn.as_view(), name="account_login_by_password"),
    path("second-factor/", second_factor.GiveSecondFactor.as_view(), name="mfa_authenticate"),
    path("inactive/", sign_in.AccountInactive.as_view(), name="account_inactive"),
]
confirm_urls = [
    path("password/", second_factor.ConfirmByPassword.as_view(), name="account_reauthenticate"),
    path("app/", second_factor.ConfirmByApp.as_view(), name="mfa_reauthenticate"),
]
second_factor_urls = [
    path("", second_factor.SecondFactorIndex.as_view(), name="mfa_index"),
    path("set-up/", second_factor.SetUpApp.as_view(), name="mfa_activate_totp"),
    path("remove/", second_factor.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("recovery-codes/", second_factor.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", second_factor.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
]
password_urls = [
    path("change/", me.ChangePassword.as_view(), name="account_change_password"),
    path("set/", me.SetPassword.as_view(), name="account_set_password"),
]
me_urls = [
    path("", me.Me.as_view(), name="me"),
    path("addresses/", addresses.AddressList.as_view(), name="addresses"),
    path("addresses/add/", addresses.AddAddress.as_view(), name="add-address"),
    path("addresses/confirm/", addresses.ConfirmAddress.as_view(), name="confirm-address"),
    path("addresses/<int:pk>/main/", addresses.MakePrimary.as_view(), name="make-primary"),
    path("addresses/<int:pk>/remove/", addresses.RemoveAddress.as_view(), name="remove-address"),
    path("data/", own_data.OwnData.as_view(), name="own-data"),
    path("data/download/", own_data.DownloadOwnData.as_view(), name="download-own-data"),
    path("name/", me.RenameMe.as_view(), name="rename-me"),
    path("password/remove/", me.RemovePassword.as_view(), name="remove-password"),
    path("tokens/make/", me.MakeToken.as_view(), name="make-token"),
    path("tokens/<int:pk>/revoke/", me.RevokeToken.as_view(), name="revoke-token"),
    path("drafts/", drafts.DraftList.as_view(), name="draft-list"),
    path("drafts/save/", drafts.SaveDraft.as_view(), name="save-draft"),
    path("drafts/<int:pk>/", drafts.DraftPage.as_view(), name="draft"),
    path("drafts/<int:pk>/throw-away/", drafts.ThrowAwayDraft.as_view(), name="throw-away-draft"),
    path("sign-out-everywhere/", me.SignOutEverywhere.as_view(), name="sign-out-everywhere"),
]
roles_urls = [
    path("", roles.RoleList.as_view(), name="role-list"),
    path("give/", roles.GiveRole.as_view(), name="give-role"),
    path("<uuid:public_id>/take/", roles.TakeRole.as_view(), name="take-role"),
]

urlpatterns = [
    path("sign-in/", include(sign_in_urls)),
    path("sign-out/", sign_in.SignOut.as_view(), name="account_logout"),
    path("me/confirm/", include(confirm_urls)),
    path("me/second-factor/", include(second_factor_urls)),
    path("me/password/", include(password_urls)),
    path("me/", include((me_urls, "accounts"))),
    path("network/roles/", include(roles_urls)),
]
