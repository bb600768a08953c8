import { formOf } from "../../editor/form-of.ts";
import { offerTest } from "../../editor/look-up/connection-test.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-pexels-account", fields, { onOpen: offerTest });

RED.nodes.registerType("lightly-pexels-account", {
  category: "config",
  icon: "lightly-pexels-account.svg",
  defaults: form.defaults,
  credentials: form.credentials,
  label() {
    return String(this.name || "Pexels");
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
