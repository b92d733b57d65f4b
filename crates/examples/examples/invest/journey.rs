//! The steps of an investor: from joining to the report on the costs of the next order.

use std::fmt;

use upvest::models::{
    AccountGroupId, AccountGroupType, AccountId, AccountType, Address, CashBalance, Country,
    CreateDirectDebitRequest, CreateInstrumentFitCheckRequest, CreateMandateRequest,
    CreateOrderCostReportRequest, CreateReferenceAccountRequest, CreateTolUserRequest,
    CreateTopUpRequest, CreateUserAccountGroupRequest, CreateUserAccountRequest,
    CreateWithdrawalRequest, Currency, DateTime, Decimal, FatcaConfirmation, InstrumentSuitability,
    MandateId, NaiveDate, OrderId, OrderSide, OrderType, PlaceOrderRequest, PlannedUserOrder,
    ReferenceAccountId, UserCheck, UserId, Utc, Uuid,
};
use upvest::{BoxError, Client, Error, Response};

/// What is bought and sold, by its ISIN.
pub(crate) const ISIN: &str = "US0378331005";

const IBAN: &str = "DE02100100100152517108";
const BIC: &str = "PBNKDEFFXXX";

/// A step that was completed.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// The result.
    pub(crate) result: String,
    /// The cash of the investor afterwards, once there is an account group.
    pub(crate) cash: Option<CashBalance>,
    /// How many shares the investor holds afterwards.
    pub(crate) shares: Decimal,
}

/// A step that failed. Nothing after it was done.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) step: &'static str,
    pub(crate) cause: BoxError,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the step \"{}\" failed: {}", self.step, self.cause)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.cause)
    }
}

/// One run through all steps. To repeat it after a failure, begin another one with the same `run`:
/// its requests have the same idempotency keys, so that what was done is not done again.
pub(crate) struct Journey<'a> {
    client: &'a Client,
    run: Uuid,
    steps: u128,
    taken: &'a mut dyn FnMut(Step),
    account_group: Option<AccountGroupId>,
    account: Option<AccountId>,
}

/// Who invests, and where cash comes from and goes to.
struct Investor {
    user: UserId,
    account_group: AccountGroupId,
    account: AccountId,
    reference_account: ReferenceAccountId,
    mandate: MandateId,
}

impl<'a> Journey<'a> {
    /// Begins a journey that reports each step.
    pub(crate) fn new(client: &'a Client, run: Uuid, taken: &'a mut dyn FnMut(Step)) -> Self {
        Self {
            client,
            run,
            steps: 0,
            taken,
            account_group: None,
            account: None,
        }
    }

    /// Takes all steps, one after the other.
    pub(crate) async fn complete(mut self) -> Result<(), Failure> {
        let user = self.join().await?;
        let investor = self.open(user).await?;
        self.fund(&investor).await?;
        self.buy(&investor).await?;
        self.sell(&investor).await?;
        self.withdraw(&investor).await?;
        self.report(&investor).await
    }

    async fn join(&mut self) -> Result<UserId, Failure> {
        let address = Address::new("Unter den Linden 1", "10117", Country::De, "Berlin");
        let request = CreateTolUserRequest::builder()
            .first_name("Erika")
            .last_name("Beispiel")
            .email("erika@example.com")
            .birth_date(NaiveDate::from_ymd_opt(1990, 2, 28).unwrap_or_default())
            .nationalities([Country::De])
            .address(address)
            .fatca(FatcaConfirmation::new(false, confirmed_at()))
            .build();
        let key = self.next_key();
        let call = self.client.create_user(request).idempotency_key(key);
        let user = done("user", call).await?;
        let id = known("user", user.id().copied())?;
        self.tell("user", shown(user.status())).await?;

        let suitability = InstrumentSuitability::new(true);
        let request = CreateInstrumentFitCheckRequest::new(confirmed_at(), suitability);
        let made = done("check", self.client.create_user_check(id, request)).await?;
        let check = done("check", self.client.retrieve_user_check(id, made.id)).await?;
        let status = match &check {
            UserCheck::InstrumentFitCheck(check) => Some(&check.status),
            _ => None,
        };
        self.tell("check", shown(status)).await?;
        Ok(id)
    }

    async fn open(&mut self, user: UserId) -> Result<Investor, Failure> {
        let request = CreateUserAccountGroupRequest::new(user, AccountGroupType::Personal);
        let key = self.next_key();
        let call = self.client.create_account_group(request);
        let group = done("account group", call.idempotency_key(key)).await?;
        let account_group = known("account group", group.id().copied())?;
        self.account_group = Some(account_group);
        self.tell("account group", shown(group.status())).await?;

        let request = CreateUserAccountRequest::new(user, account_group, AccountType::Trading);
        let key = self.next_key();
        let call = self.client.create_account(request).idempotency_key(key);
        let made = done("account", call).await?;
        let account = known("account", made.id().copied())?;
        self.account = Some(account);
        self.tell("account", shown(made.status())).await?;

        let request =
            CreateReferenceAccountRequest::new("Erika Beispiel", IBAN, BIC, confirmed_at())
                .user_id(user);
        let key = self.next_key();
        let call = self.client.create_reference_account(request);
        let reference = done("reference account", call.idempotency_key(key)).await?;
        self.tell("reference account", "made".to_owned()).await?;

        let request = CreateMandateRequest::new(IBAN, BIC, confirmed_at()).user_id(user);
        let key = self.next_key();
        let call = self.client.create_mandate(request).idempotency_key(key);
        let mandate = done("mandate", call).await?;
        self.tell("mandate", "made".to_owned()).await?;
        Ok(Investor {
            user,
            account_group,
            account,
            reference_account: reference.id,
            mandate: mandate.id,
        })
    }

    async fn fund(&mut self, investor: &Investor) -> Result<(), Failure> {
        let amount = Decimal::from(600);
        let request =
            CreateDirectDebitRequest::new(investor.account_group, investor.mandate, amount)
                .user_id(investor.user)
                .currency(Currency::Eur);
        let key = self.next_key();
        let call = self.client.create_direct_debit(request);
        let debit = done("direct debit", call.idempotency_key(key)).await?;
        self.tell("direct debit", shown(debit.status.as_ref()))
            .await?;

        let amount = Decimal::from(400);
        let request = CreateTopUpRequest::new(investor.account_group, amount, Currency::Eur);
        let key = self.next_key();
        let call = self.client.create_top_up(request).idempotency_key(key);
        let top_up = done("top-up", call).await?;
        self.tell("top-up", shown(top_up.status.as_ref())).await
    }

    async fn buy(&mut self, investor: &Investor) -> Result<(), Failure> {
        let request = order(investor, OrderSide::Buy).cash_amount(Decimal::from(250));
        let bought = self.place("order", request).await?;

        let order = done("execution", self.client.retrieve_order(bought)).await?;
        let first = order.executions.first().map(|execution| execution.id);
        let id = known("execution", first)?;
        let call = self.client.retrieve_order_execution(bought, id);
        let execution = done("execution", call).await?;
        let result = format!("{} at {}", execution.share_quantity, execution.price);
        self.tell("execution", result).await?;

        let call = self.client.retrieve_position(investor.account, ISIN);
        let position = done("position", call).await?;
        self.tell("position", format!("{} held", position.quantity))
            .await
    }

    async fn sell(&mut self, investor: &Investor) -> Result<(), Failure> {
        let request = order(investor, OrderSide::Sell).quantity(Decimal::ONE);
        self.place("sell", request).await.map(drop)
    }

    async fn place(
        &mut self,
        name: &'static str,
        request: PlaceOrderRequest,
    ) -> Result<OrderId, Failure> {
        let key = self.next_key();
        let call = self.client.place_order(request).idempotency_key(key);
        let order = done(name, call).await?;
        self.tell(name, order.status.to_string()).await?;
        Ok(order.id)
    }

    async fn withdraw(&mut self, investor: &Investor) -> Result<(), Failure> {
        let amount = Decimal::from(500);
        let (from, to) = (investor.account_group, investor.reference_account);
        let request = CreateWithdrawalRequest::new(to, from, amount)
            .user_id(investor.user)
            .currency(Currency::Eur);
        let key = self.next_key();
        let call = self.client.create_withdrawal(request).idempotency_key(key);
        let withdrawal = done("withdrawal", call).await?;
        self.tell("withdrawal", shown(withdrawal.status.as_ref()))
            .await
    }

    async fn report(&mut self, investor: &Investor) -> Result<(), Failure> {
        let planned = PlannedUserOrder::builder()
            .user_id(investor.user)
            .account_id(investor.account)
            .currency(Currency::Eur)
            .side(OrderSide::Buy)
            .instrument_id(ISIN)
            .order_type(OrderType::Market)
            .build()
            .cash_amount(Decimal::from(100));
        let request = CreateOrderCostReportRequest::new(planned);
        let report = done("report", self.client.create_report(request)).await?;
        let id = known("report", report.id().copied())?;
        let file = done("report", self.client.retrieve_report(id).file()).await?;
        let bytes = file.bytes().await.map_err(failed("report"))?;
        let result = match bytes.is_empty() {
            true => "empty",
            false => "received",
        };
        self.tell("report", result.to_owned()).await
    }

    /// The key of the next request: the same one for the same step of the same run.
    fn next_key(&mut self) -> Uuid {
        self.steps += 1;
        Uuid::from_u128(self.run.as_u128().wrapping_add(self.steps))
    }

    async fn tell(&mut self, name: &'static str, result: String) -> Result<(), Failure> {
        let cash = match self.account_group {
            Some(group) => {
                let call = self
                    .client
                    .retrieve_cash_balance_by_currency(group, Currency::Eur);
                Some(done(name, call).await?)
            }
            None => None,
        };
        let shares = match self.account {
            Some(account) => {
                let held = done(name, self.client.list_positions(account)).await?;
                held.data.iter().map(|position| position.quantity).sum()
            }
            None => Decimal::ZERO,
        };
        (self.taken)(Step {
            name,
            result,
            cash,
            shares,
        });
        Ok(())
    }
}

fn order(investor: &Investor, side: OrderSide) -> PlaceOrderRequest {
    PlaceOrderRequest::new(investor.account, side, ISIN)
        .user_id(investor.user)
        .currency(Currency::Eur)
        .order_type(OrderType::Market)
        .user_instrument_fit_acknowledgement(true)
}

/// When the investor confirmed whatever has to be confirmed. It is the same in all runs: a request
/// with the idempotency key of another request is refused.
fn confirmed_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default()
}

/// The answer of a call, or the failure of the step that it belongs to.
async fn done<T>(
    step: &'static str,
    call: impl IntoFuture<Output = Result<Response<T>, Error>>,
) -> Result<T, Failure> {
    let answer = call.await.map_err(failed(step))?;
    Ok(answer.into_inner())
}

fn failed(step: &'static str) -> impl FnOnce(Error) -> Failure {
    move |error| Failure {
        step,
        cause: error.into(),
    }
}

/// What the next steps need from an answer.
fn known<T>(step: &'static str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure {
        step,
        cause: "the answer lacks what the next steps need".into(),
    })
}

fn shown(status: Option<&impl fmt::Display>) -> String {
    status.map_or_else(|| "unknown".to_owned(), ToString::to_string)
}
