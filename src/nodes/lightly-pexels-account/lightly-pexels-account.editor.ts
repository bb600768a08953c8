import { offerTest } from "../../editor/connection-test.ts";
import { formOf } from "../../editor/form-of.ts";
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
