"""What people keep of themselves: their password, and the tokens of their programs."""

from datetime import timedelta

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.shapes.account import (
    Account,
    ChangePasswordInput,
    NewToken,
    NewTokenInput,
    PasswordChanged,
    TokenIdInput,
    TokenItem,
    TokenRevoked,
    Tokens,
)
from watchglass.api.trpc.router import Router
from watchglass.auth.credential import Method
from watchglass.auth.secret import hash_secret, new_token
from watchglass.auth.sign_in import change_password
from watchglass.errors import Conflict, InvalidInput
from watchglass.model.permission import Permission
from watchglass.store.tokens import issue_own_token, read_own_tokens, revoke_own_token
from watchglass.store.users import read_own_account

router: Router[Context] = Router()


@router.query("account.get", permission=Permission.SIGNED_IN)
async def get_account(context: Context) -> Account:
    """Who is asking, and how they can sign in."""
    async with context.store.read_as(context.principal) as reader:
        found = await read_own_account(reader)
    if found is None:
        raise absent("account")
    return Account(
        name=found.name,
        email=found.email,
        is_admin=found.is_admin,
        has_password=found.has_password,
        issuers=list(found.issuers),
    )


@router.mutation("account.changePassword", permission=Permission.SIGNED_IN)
async def change(context: Context, input: ChangePasswordInput) -> PasswordChanged:
    """Set the password of the person asking, sign their other browsers out, and renew the session of this one."""
    if context.method is not Method.SESSION:
        raise Conflict("A bearer token changes no password. Sign in on the page to change it.")
    secret = await change_password(
        context.store,
        context.principal,
        current=input.current,
        new=input.new,
        browser=context.browser,
        ends_tokens=input.ends_tokens,
    )
    if secret is None:
        raise InvalidInput("The current password is not right.")
    context.headers.append(context.door.session_header(secret))
    return PasswordChanged(has_password=True)


@router.query("token.list", permission=Permission.SIGNED_IN)
async def list_tokens(context: Context) -> Tokens:
    """The tokens of the person asking that work."""
    async with context.store.read_as(context.principal) as reader:
        found = await read_own_tokens(reader)
    return Tokens(
        items=[
            TokenItem(
                id=str(token.id),
                name=token.name,
                scope=token.scope,
                project_id=str(token.project_id) if token.project_id else None,
                project_name=token.project_name,
                created_at=token.created_at,
                last_used_at=token.last_used_at,
                expires_at=token.expires_at,
            )
            for token in found
        ]
    )


@router.mutation("token.create", permission=Permission.SIGNED_IN)
async def create(context: Context, input: NewTokenInput) -> NewToken:
    """Make a token of the person asking. It is shown this once: only its hash is kept."""
    if context.method is not Method.SESSION:
        # Whoever got hold of one could keep others after it was revoked.
        raise Conflict("A bearer token makes no other token. Sign in on the page to make one.")
    token = new_token()
    async with context.store.write_as(context.principal) as writer:
        token_id = await issue_own_token(
            writer,
            secret_hash=hash_secret(token),
            name=input.name,
            lifetime=timedelta(days=input.expires_in_days),
            scope=input.scope,
            project_id=input.project_id,
        )
    if token_id is None:
        raise absent("project")
    return NewToken(id=str(token_id), token=token)


@router.mutation("token.revoke", permission=Permission.SIGNED_IN)
async def revoke(context: Context, input: TokenIdInput) -> TokenRevoked:
    """Make a token of the person asking open nothing any more; its next request is refused."""
    async with context.store.write_as(context.principal) as writer:
        if not await revoke_own_token(writer, input.token_id):
            raise absent("token")
    return TokenRevoked(revoked=True)
