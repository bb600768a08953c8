import { offerTest } from "../../editor/connection-test.ts";
import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { input } from "../../editor/open-form.ts";
import { externalId, region, roleArn, webAddress } from "../../editor/rules.ts";
import { suggestRegions } from "../../fields/suggest-regions.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, type ReadProperty } from "../../editor/validators.ts";

const label = labelsOf("lightly-aws-account");

const withKeys = (read: ReadProperty): boolean => read("credentialSource") === "keys";
// Services other than AWS name their regions as they like.
const regionAtAws = (read: ReadProperty) => (read("endpoint") === "" ? region : undefined);

RED.nodes.registerType("lightly-aws-account", {
  category: "config",
  icon: "lightly-aws-account.svg",
  defaults: {
    name: { value: "" },
    region: { value: "", label: label("region"), validate: field({ ruleFor: regionAtAws }) },
    credentialSource: { value: "chain" },
    profile: { value: "" },
    roleArn: { value: "", label: label("roleArn"), validate: field({ rule: roleArn }) },
    externalId: { value: "", label: label("externalId"), validate: field({ rule: externalId }) },
    endpoint: { value: "", label: label("endpoint"), validate: field({ rule: webAddress }) },
    forcePathStyle: { value: false },
  },
  credentials: {
    accessKeyId: { type: "text", label: label("accessKeyId"), validate: field({ required: true, when: withKeys }) },
    secretAccessKey: {
      type: "password",
      label: label("secretAccessKey"),
      validate: field({ required: true, when: withKeys }),
    },
    sessionToken: { type: "password" },
  },
  label() {
    return String(this.name || (this.region ? `AWS ${this.region}` : "AWS"));
  },
  oneditprepare() {
    openForm(this);
    offerTest(this);
    input("region").autoComplete({ search: suggestRegions, minLength: 0 });
  },
  oneditsave() {
    saveForm(this);
  },
  oneditcancel() {
    closeForm();
  },
});
