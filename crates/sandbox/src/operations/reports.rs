//! Reports, which are also served as files.

use serde_json::Value;

use super::{described, remembered};
use crate::answer::{Answer, Outcome};
use crate::api::Api;
use crate::call::Call;
use crate::memory::{Role, role};

const PDF: &str = "application/pdf";

/// `GET /reports/{report_id}`
pub(super) fn retrieve(api: &Api, call: &Call) -> Outcome {
    let Some((kind, _)) = role(&call.operation.id) else {
        return described::act(api, call);
    };
    if call.accept != PDF {
        return remembered::act(api, call, kind, Role::Retrieve);
    }
    let report = api.with_store(|store| store.value(kind, call))?;
    Ok(Answer::body(PDF, pdf(&title(&report))))
}

fn title(report: &Value) -> String {
    let text = |name: &str| report[name].as_str().unwrap_or_default().to_owned();
    format!("{} {}", text("type"), text("id"))
}

/// A document of one page with one line, which must be plain ASCII without brackets.
fn pdf(line: &str) -> Vec<u8> {
    let line: String = line
        .chars()
        .filter(|one| !"()\\".contains(*one) && one.is_ascii())
        .collect();
    let content = format!("BT /F1 12 Tf 72 770 Td ({line}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
         /Resources<</Font<</F1 5 0 R>>>>>>"
            .to_owned(),
        format!(
            "<</Length {}>>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(file.len());
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = file.len();
    let count = objects.len() + 1;
    file.push_str(&format!("xref\n0 {count}\n0000000000 65535 f \n"));
    for place in places {
        file.push_str(&format!("{place:010} 00000 n \n"));
    }
    file.push_str(&format!(
        "trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::pdf;

    #[test]
    fn the_table_of_a_document_leads_to_its_objects() {
        let file = String::from_utf8(pdf("REPORT (1)")).unwrap();
        let (_, table) = file.split_once("xref\n0 6\n").unwrap();
        for (number, line) in table.lines().skip(1).take(5).enumerate() {
            let place: usize = line[..10].parse().unwrap();
            let object = format!("{} 0 obj\n", number + 1);
            assert!(file[place..].starts_with(&object), "{line}");
        }
        let start: usize = file.lines().rev().nth(1).unwrap().parse().unwrap();
        assert!(file[start..].starts_with("xref"));
        assert!(file.contains("(REPORT 1)"));
    }
}
