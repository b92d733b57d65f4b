//! Makes equal types one type: those with the same structure, and enums with the same meaning.

use std::collections::HashMap;

use super::lock::Lock;
use super::modules;
use super::types::{Node, Types};
use crate::ir::{DefId, Ty, TypeKind};

impl Types {
    pub(super) fn insert(&mut self, node: Node) -> Ty {
        let id = match self.equal(&node) {
            Some(index) => {
                self.absorb(index, node);
                index
            }
            None => {
                let index = self.nodes.len();
                self.note(&node, index);
                self.nodes.push(node);
                self.canon.push(index);
                index
            }
        };
        Ty::Def(DefId(id))
    }

    /// An earlier node that is the same type. A type without a name matches every name.
    fn equal(&self, node: &Node) -> Option<usize> {
        let structure = self.key(node);
        let Some(name) = own_name(node) else {
            return self.by_structure.get(&structure).copied();
        };
        let same = self
            .by_structure
            .get(&format!("{name} {structure}"))
            .copied();
        same.or_else(|| {
            let first = *self.by_structure.get(&structure)?;
            own_name(&self.nodes[first]).is_none().then_some(first)
        })
    }

    fn note(&mut self, node: &Node, index: usize) {
        let structure = self.key(node);
        if let Some(name) = own_name(node) {
            self.by_structure
                .insert(format!("{name} {structure}"), index);
        }
        self.by_structure.entry(structure).or_insert(index);
    }

    /// The structure as text. Where order has no meaning, it does not change the text.
    fn key(&self, node: &Node) -> String {
        let ty = |ty: &Ty| ty.map(&|id| Ty::Def(DefId(self.root(id.0))));
        match &node.kind {
            TypeKind::Struct(structure) => {
                let mut fields: Vec<String> = structure
                    .fields
                    .iter()
                    .map(|one| {
                        let marks = (one.presence, one.read_only, one.write_only, one.personal);
                        let clears = if one.clears { " clears" } else { "" };
                        format!("{:?} {:?} {marks:?}{clears}", one.wire, ty(&one.ty))
                    })
                    .collect();
                fields.sort_unstable();
                let rest = structure.rest.as_ref().map(|(_, rest)| ty(rest));
                format!("struct {fields:?} {rest:?}")
            }
            TypeKind::Enum(values) => {
                let mut values: Vec<&str> = values.iter().map(|one| one.wire.as_str()).collect();
                values.sort_unstable();
                format!("enum {values:?}")
            }
            TypeKind::Union(union) => {
                let variants = union.variants.iter().map(|one| self.root(one.0));
                format!("union {:?}", variants.collect::<Vec<_>>())
            }
            TypeKind::Id(form) => format!("id {form:?}"),
        }
    }

    fn root(&self, index: usize) -> usize {
        let mut index = index;
        while self.canon.get(index).is_some_and(|canon| *canon != index) {
            index = self.canon[index];
        }
        index
    }

    fn absorb(&mut self, index: usize, node: Node) {
        if own_name(&self.nodes[index]).is_none()
            && let Some(name) = own_name(&node)
        {
            let structure = format!("{name} {}", self.key(&node));
            self.by_structure.insert(structure, index);
            self.nodes[index].name = node.name;
            self.nodes[index].component = node.component;
        }
        let known = &mut self.nodes[index];
        known.explicit = known.explicit.take().or(node.explicit);
        known.docs = known.docs.take().or(node.docs);
        for place in node.places {
            if !known.places.contains(&place) {
                known.places.push(place);
            }
        }
        match (&mut known.kind, node.kind) {
            (TypeKind::Enum(values), TypeKind::Enum(more)) => {
                for value in more {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
            }
            (TypeKind::Union(known), TypeKind::Union(other)) => known.in_order |= other.in_order,
            _ => {}
        }
    }

    /// Makes enums that mean the same one type, and then all types that differed only in these enums.
    pub(super) fn unite(&mut self, lock: &Lock) {
        let mut known: HashMap<String, usize> = HashMap::new();
        for index in 0..self.nodes.len() {
            for meaning in meanings(&self.nodes[index], lock) {
                match known.get(&meaning).map(|one| self.root(*one)) {
                    Some(first) if first != self.root(index) => self.join(index, first),
                    Some(_) => {}
                    None => drop(known.insert(meaning, index)),
                }
            }
        }
        loop {
            let before = self.canon.clone();
            self.by_structure.clear();
            for index in 0..self.nodes.len() {
                if self.root(index) != index {
                    continue;
                }
                let node = self.nodes[index].clone();
                match self.equal(&node) {
                    Some(first) if first != index => self.join(index, first),
                    _ => self.note(&node, index),
                }
            }
            if self.canon == before {
                return;
            }
        }
    }

    /// Makes a node a part of another one.
    pub(super) fn join(&mut self, index: usize, into: usize) {
        let index = self.root(index);
        let node = self.nodes[index].clone();
        self.absorb(into, node);
        self.canon[index] = into;
    }

    /// The remaining nodes, and what each id has become.
    pub(super) fn into_nodes(self) -> (Vec<Node>, Vec<DefId>) {
        let mut renumbered = vec![DefId(0); self.nodes.len()];
        let mut left = 0;
        for (index, slot) in renumbered.iter_mut().enumerate() {
            if self.canon[index] == index {
                *slot = DefId(left);
                left += 1;
            }
        }
        for index in 0..self.nodes.len() {
            renumbered[index] = renumbered[self.root(index)];
        }
        let canon = self.canon;
        let kept = self.nodes.into_iter().enumerate();
        let nodes = kept
            .filter(|(index, _)| canon[*index] == *index)
            .map(|(_, mut node)| {
                node.kind = modules::renumbered(&node.kind, &renumbered);
                node
            });
        (nodes.collect(), renumbered)
    }

    /// Whether a value is written as one piece of text.
    pub(super) fn is_text(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Def(id) => matches!(self.nodes[id.0].kind, TypeKind::Enum(_) | TypeKind::Id(_)),
            Ty::Json(_) | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::OrEmpty(_) => false,
            _ => true,
        }
    }

    /// Whether a value of this type is an object of texts, as a form is.
    pub(super) fn is_flat(&self, ty: &Ty) -> bool {
        match ty.def().map(|id| &self.nodes[id.0].kind) {
            Some(TypeKind::Struct(one)) => {
                one.rest.is_none() && one.fields.iter().all(|field| self.is_text(&field.ty))
            }
            _ => false,
        }
    }

    /// The remaining nodes, in order.
    pub(super) fn left(&self) -> impl Iterator<Item = &Node> {
        let kept = self.nodes.iter().enumerate();
        kept.filter(|(index, _)| self.canon[*index] == *index)
            .map(|(_, node)| node)
    }

    /// The node that an id stands for now.
    pub(super) fn node_mut(&mut self, id: DefId) -> &mut Node {
        let root = self.root(id.0);
        &mut self.nodes[root]
    }

    /// The id that stands for an id now.
    pub(super) fn canonical(&self, id: DefId) -> DefId {
        DefId(self.root(id.0))
    }
}

/// The name that sets a node apart from others of the same structure.
fn own_name(node: &Node) -> Option<&str> {
    node.explicit.as_deref().or(node.component.as_deref())
}

/// What makes two enums one type: the overlay calls them the same; they are the same property in the
/// same format; or the lock has them under one name.
fn meanings(node: &Node, lock: &Lock) -> Vec<String> {
    if !matches!(node.kind, TypeKind::Enum(_)) {
        return Vec::new();
    }
    let mut meanings = Vec::new();
    if let Some(name) = &node.explicit {
        meanings.push(format!("explicit {name}"));
    }
    if let Some(format) = &node.format {
        meanings.push(format!("{} {format}", node.name.last()));
    }
    for place in &node.places {
        meanings.extend(lock.type_at(place).map(|name| format!("lock {name}")));
    }
    meanings
}
