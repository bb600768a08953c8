import { formOf } from "../../editor/form-of.ts";
import { offerTest } from "../../editor/look-up/connection-test.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-account", fields, { onOpen: offerTest });

RED.nodes.registerType("lightly-account", {
  category: "config",
  icon: "lightly-account.svg",
  defaults: form.defaults,
  credentials: form.credentials,
  label() {
    return String(this.name || "Lightly");
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
