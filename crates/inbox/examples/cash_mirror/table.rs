//! Mirror and truth side by side: a line whenever one of them changes, on a terminal or not.

use std::path::Path;
use std::pin::pin;
use std::time::{Duration, Instant};

use upvest::models::{Currency, Decimal};
use upvest_inbox::sqlx::{Sqlite, SqlitePool};
use upvest_inbox::{BalanceMirror, Inbox};
use upvest_sandbox::Sandbox;

use crate::{Result, process};

const CURRENCIES: [Currency; 2] = [Currency::Eur, Currency::Gbp];
/// How often to look.
const LOOK: Duration = Duration::from_millis(20);
/// How long to wait for the mirror to show the truth.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Of a currency: what the mirror shows, and the truth.
type Pair = (Option<Decimal>, Option<Decimal>);

pub(crate) struct Table<'a> {
    mirror: BalanceMirror<Sqlite>,
    sandbox: &'a Sandbox,
    shown: Option<[Pair; 2]>,
}

impl<'a> Table<'a> {
    /// Looks at the database of the process, also while there is no process.
    pub(crate) async fn open(file: &Path, sandbox: &'a Sandbox) -> Result<Self> {
        let pool = SqlitePool::connect_with(process::options(file).read_only(true)).await?;
        let [eur, gbp] = CURRENCIES.map(|currency| format!("{} mirror", currency.as_str()));
        println!("{eur:>10} {:>10} {gbp:>12} {:>10}", "truth", "truth");
        Ok(Self {
            mirror: Inbox::new(pool).balances(),
            sandbox,
            shown: None,
        })
    }

    pub(crate) fn title(&mut self, title: impl AsRef<str>) {
        println!("-- {}", title.as_ref());
        self.shown = None;
    }

    /// Shows what changes until everything is delivered and the mirror shows the truth.
    pub(crate) async fn until_equal(&mut self) -> Result<()> {
        let begin = Instant::now();
        let mut deliveries = pin!(self.sandbox.deliveries_done());
        let mut are_delivered = false;
        while !(self.look().await? && are_delivered) {
            if begin.elapsed() > TIMEOUT {
                return Err("the mirror does not show the truth".into());
            }
            tokio::select! {
                () = &mut deliveries, if !are_delivered => are_delivered = true,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        Ok(())
    }

    /// Shows what changes within half a second.
    pub(crate) async fn for_a_while(&mut self) -> Result<()> {
        for _ in 0..25 {
            self.look().await?;
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Shows what has changed, and returns whether the mirror shows the truth.
    async fn look(&mut self) -> Result<bool> {
        let mut pairs = [Pair::default(); 2];
        for (pair, currency) in pairs.iter_mut().zip(CURRENCIES) {
            *pair = self.pair(&currency).await?;
        }
        let is_equal = pairs.iter().all(|(mirror, truth)| mirror == truth);
        if self.shown.replace(pairs) != Some(pairs) {
            let [(eur, is_eur), (gbp, is_gbp)] =
                pairs.map(|(mirror, truth)| (text(mirror), text(truth)));
            let state = if is_equal { "equal" } else { "" };
            println!("{eur:>10} {is_eur:>10} {gbp:>12} {is_gbp:>10}  {state}");
        }
        Ok(is_equal)
    }

    async fn pair(&self, currency: &Currency) -> Result<Pair> {
        let group = self.sandbox.account_group_id();
        let mirrored = self.mirror.get(group, currency).await?;
        let balances = self.sandbox.balances(group);
        let truth = balances.iter().find(|one| one.currency == *currency);
        Ok((
            mirrored.map(|mirrored| mirrored.balance.balance),
            truth.map(|truth| truth.balance),
        ))
    }
}

fn text(amount: Option<Decimal>) -> String {
    amount.map_or("-".to_owned(), |amount| amount.to_string())
}
