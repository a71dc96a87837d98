import com.helger.base.debug.GlobalDebug;
import com.helger.peppol.sbdh.EPeppolMLSType;
import com.helger.phase4.client.AS4ClientSentMessage;
import com.helger.phase4.dump.AS4DumpManager;
import com.helger.phase4.dump.AS4IncomingDumperFileBased;
import com.helger.phase4.dump.AS4OutgoingDumperFileBased;
import com.helger.phase4.ebms3header.Ebms3SignalMessage;
import com.helger.phase4.incoming.IAS4IncomingMessageState;
import com.helger.phase4.messaging.http.HttpRetrySettings;
import com.helger.phase4.peppol.Phase4PeppolSender;
import com.helger.phase4.sender.EAS4UserMessageSendResult;
import com.helger.phase4.sender.IAS4SignalMessageValidationResultHandler;
import com.helger.security.certificate.CertificateHelper;
import com.helger.servlet.mock.MockServletContext;
import com.helger.web.scope.mgr.WebScopeManager;
import com.helger.xml.serialize.read.DOMReader;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * An access point that sends: phase4's client, one message for each line of standard input.
 *
 * <p>A line has, between tabs: the address, the receiver's certificate (path, PEM), the document (path), sender, receiver, document type
 * and process (each as {@code scheme::value}), the country of C1, and where C2 wants its MLS and when, or nothing twice. Arguments: our seat id, and a folder for what went and came, or
 * nothing. The answer is a line of JSON: what phase4 says of it, and of the receipt.
 */
public final class Sender {
    public static void main(String[] arguments) throws Exception {
        WebScopeManager.onGlobalBegin(MockServletContext.create());
        GlobalDebug.setDebugModeDirect(true); // phase4 takes plain http in this mode only
        if (arguments.length > 1) {
            AS4DumpManager.setOutgoingDumper(AS4OutgoingDumperFileBased.createForDirectory(new File(arguments[1], "out")));
            AS4DumpManager.setIncomingDumper(AS4IncomingDumperFileBased.createForDirectory(new File(arguments[1], "in")));
        }
        Line.of("ready").print();
        BufferedReader asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = asked.readLine(); line != null; line = asked.readLine()) {
            send(arguments[0], line.split("\t", -1));
        }
        System.exit(0);
    }

    private static void send(String seat, String[] asked) throws Exception {
        Line line = Line.of("sent");
        Receipt receipt = new Receipt();
        List<String> faults = new ArrayList<>();
        Phase4PeppolSender.PeppolUserMessageBuilder builder = Phase4PeppolSender.builder()
                .senderParticipantID(Phase4PeppolSender.IF.parseParticipantIdentifier(asked[3]))
                .receiverParticipantID(Phase4PeppolSender.IF.parseParticipantIdentifier(asked[4]))
                .documentTypeID(Phase4PeppolSender.IF.parseDocumentTypeIdentifier(asked[5]))
                .processID(Phase4PeppolSender.IF.parseProcessIdentifier(asked[6]))
                .countryC1(asked[7])
                .senderPartyID(seat)
                .checkReceiverAPCertificate(false)
                .receiverEndpointDetails(certificate(asked[1]), asked[0])
                .payload(DOMReader.readXMLDOM(new File(asked[2])).getDocumentElement())
                .rawResponseConsumer(receipt::came)
                .signalMsgConsumer((message, metadata, state) -> receipt.hear(message, state))
                .signalMsgValidationResultHdl(receipt)
                .sbdDocumentConsumer(document -> line.with(
                        "instance_id",
                        document.getStandardBusinessDocumentHeader().getDocumentIdentification().getInstanceIdentifier()));
        if (!asked[8].isEmpty()) {
            builder.mlsTo(Phase4PeppolSender.IF.parseParticipantIdentifier(asked[8]));
            builder.mlsType(EPeppolMLSType.getFromIDOrNull(asked[9]));
        }
        builder.httpRetrySettings(new HttpRetrySettings().setMaxRetries(0));
        EAS4UserMessageSendResult result = builder.sendMessageAndCheckForReceipt(fault -> {
            for (Throwable one = fault; one != null; one = one.getCause()) {
                faults.add(String.valueOf(one));
            }
        });
        line.with("message_id", receipt.messageId);
        line.with("result", result.getID()).with("status", receipt.status).with("faults", faults);
        line.with("receipt", receipt.isReceipt).with("references", receipt.references).with("signature", receipt.isSigned);
        line.with("signer", receipt.signer).with("about", receipt.about).with("errors", receipt.errors).print();
    }

    private static X509Certificate certificate(String path) throws Exception {
        try (InputStream file = new FileInputStream(path)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(file);
        }
    }

    /** What came back: a receipt or errors, whether its signature held, and whether it repeats the references of what was sent. */
    private static final class Receipt implements IAS4SignalMessageValidationResultHandler {
        private String messageId = "";
        private int status;
        private boolean isReceipt;
        private boolean isSigned;
        private String signer = "";
        private String about = "";
        private String references = "not compared";
        private final List<String> errors = new ArrayList<>();

        private void came(AS4ClientSentMessage<byte[]> answer) {
            messageId = answer.getMessageID();
            status = answer.hasResponseStatusLine() ? answer.getResponseStatusLine().getStatusCode() : 0;
        }

        private void hear(Ebms3SignalMessage message, IAS4IncomingMessageState state) {
            isReceipt = message.getReceipt() != null;
            isSigned = state.isSoapSignatureChecked();
            if (state.hasSigningCertificate()) {
                signer = String.valueOf(CertificateHelper.getSubjectCN(state.getSigningCertificate()));
            }
            about = String.valueOf(message.getMessageInfo().getRefToMessageId());
            message.getError().forEach(error -> errors.add(error.getErrorCode() + ": " + error.getErrorDetail()));
        }

        @Override
        public void onSuccess() {
            references = "same";
        }

        @Override
        public void onError(String message) {
            references = message;
        }

        @Override
        public void onNotApplicable() {
            references = "absent";
        }
    }
}
