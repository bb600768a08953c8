import type { Field, Fields } from "../fields/field.ts";
import { migrate, migratedProperties } from "../fields/migrations.ts";
import { closeForm, type FormParts, openForm, saveForm } from "./form.ts";
import { canBeRefused, validatorOf } from "./validators.ts";

/** The parts of a form that are not generated from the fields of the node. */
export interface FormOfOptions {
  /** Validators of fields that have rules of their own. */
  readonly validators?: Readonly<Record<string, PropertyValidator>>;
  /** Parts of the form that depend on the node. */
  readonly parts?: (node: EditorNode) => FormParts;
  /** Called when the form is open. */
  readonly onOpen?: (node: EditorNode) => void;
  /** Called before the form is saved. */
  readonly onSave?: (node: EditorNode) => void;
}

/**
 * Generates the parts of a node's definition from its fields. The build inlines `defaults` and `credentials`, because tools that inspect
 * packages read their names there.
 */
export function formOf(type: string, fields: Fields, options: FormOfOptions = {}) {
  const { validators = {}, parts, onOpen, onSave } = options;
  const entries = Object.entries(fields);
  const labelOf = (name: string, { label = `${type}.label.${name}` }: Field): string =>
    RED._(`node-red-contrib-lightly-aws/${type}:${label}`);
  const definitions = entries
    .filter(([, { kind }]) => kind !== "secret")
    .flatMap(([name, field]): [string, NodePropertyDefinition][] => [
      [name, definitionOf(field, labelOf(name, field), validationOf(name, field, validators[name]))],
      ...(field.typed ? [[`${name}Type`, { value: field.typed.from }] as [string, NodePropertyDefinition]] : []),
    ]);
  const secrets = entries
    .filter(([, { kind }]) => kind === "secret")
    .map(([name, field]): [string, NodeCredentialDefinition] => [
      name,
      { type: field.secretType ?? "password", label: labelOf(name, field), ...validationOf(name, field) },
    ]);
  const migrated = Object.entries(migratedProperties(type)).map(([name, value]) => [name, { value }] as const);
  if (migrated.length > 0) {
    RED.events.on("nodes:add", (node) => {
      if (node.type === type) {
        migrate(type, node);
      }
    });
  }
  return {
    defaults: Object.fromEntries([["name", { value: "" }], ...definitions, ...migrated]) as Record<
      string,
      NodePropertyDefinition
    >,
    credentials: Object.fromEntries(secrets),
    labelStyle(this: EditorNode): string {
      return this.name ? "node_label_italic" : "";
    },
    inputLabels(this: EditorNode): string {
      return this._(`${type}.port.input`);
    },
    open(this: EditorNode): void {
      openForm(this, fields, parts?.(this));
      onOpen?.(this);
    },
    save(this: EditorNode): void {
      onSave?.(this);
      saveForm(this);
    },
    close(this: EditorNode): void {
      closeForm(this);
    },
  };
}

type Validation = Pick<NodePropertyDefinition, "validate">;

/** Has no `validate` if there is nothing to refuse: Node-RED would also call an undefined one. */
function validationOf(name: string, field: Field, own?: PropertyValidator): Validation {
  const validate = own ?? (canBeRefused(field) ? validatorOf(name, field) : undefined);
  return validate ? { validate } : {};
}

function definitionOf(field: Field, label: string, validation: Validation): NodePropertyDefinition {
  const { kind, value, whenAbsent, accountType, when, required } = field;
  const absent = whenAbsent === undefined ? {} : { whenAbsent };
  if (kind === "flag") {
    return { value, ...absent };
  }
  // Node-RED itself requires an account that is always needed.
  return kind === "account" && !when
    ? { value, type: accountType, required, label }
    : { value, ...absent, ...(accountType && { type: accountType }), label, ...validation };
}
